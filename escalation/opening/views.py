"""A running trial that is brought in: its opening is proposed and signed here, then its patients are entered."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from trial import posted
from trial import queries as ground
from trial.people import access
from trial.people.access import Scope
from trial.posted import sent
from trial.refusals import Refused, Stale
from trial.roles import May

from ..common import written
from ..display import rows
from ..signing.forms import WithdrawForm
from ..signing.proof import MEANING
from ..situation import queries
from ..situation.situation import Situation
from . import entry, services
from . import page as page_of
from .forms import CorrectOpeningForm, OpeningForm, PaperPatientForm, SignForm
from .models import PaperOpening


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, trial: str) -> HttpResponse:
    """Read the opening, propose it and sign. Everybody reads; members who sign decisions propose."""
    scope = access.enter(request, trial, May.READ if request.method == "GET" else May.SIGN_DECISION)
    here = written(request, scope)
    form = OpeningForm(request.POST or None, levels=here.protocol.levels)
    if request.method == "GET":
        return _shown(request, scope, here, form=form)

    def act(form: OpeningForm) -> PaperOpening:
        said = form.cleaned_data
        proof = sent(scope, form)["proof"]
        return services.propose(
            trial=scope.trial.pk, levels=form.levels, reason=said["reason"], proof=proof, by=scope.user, key=said["key"]
        )

    return posted.take(
        request,
        form,
        act=act,
        said=lambda row: f"Signed. {services.NAME.capitalize()} {_state(scope)}.",
        to=lambda row: redirect("escalation:opening", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, form=form, status=422),
        refused=lambda why: _shown(request, scope, here, form=posted.answered(form, why), status=409),
    )


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, trial: str) -> HttpResponse:
    """Propose what should stand in place of the opening in force, and sign it."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    here, standing = written(request, scope), services.in_force(scope.trial.pk)
    if standing is None:
        raise Http404("No opening is in force.")
    levels = here.protocol.levels
    form = CorrectOpeningForm(request.POST or None, paper=here.paper, levels=levels, seen=standing.number)

    def shown(form: CorrectOpeningForm, status: int = 200, why: Refused | None = None) -> HttpResponse:
        context = {
            "scope": scope, "form": form, "needed": here.protocol.settings.signatures, "meaning": MEANING,
            "stale": rows.paper_rows(here) if isinstance(why, Stale) else [],
        }  # fmt: skip
        return render(request, "escalation/opening/correct.html", context, status=status)

    def act(form: CorrectOpeningForm) -> PaperOpening:
        said = form.cleaned_data
        return services.correct(
            trial=scope.trial.pk, levels=form.levels, taken_back=form.taken_back, seen=said["rev"],
            reason=said["reason"], proof=sent(scope, form)["proof"], by=scope.user, key=said["key"],
        )  # fmt: skip

    return posted.take(
        request,
        form,
        act=act,
        said=lambda row: f"Signed. The correction of {services.NAME} {_state(scope)}.",
        to=lambda row: redirect("escalation:opening", scope.trial.code),
        shown=lambda form: shown(form, 422 if request.method == "POST" else 200),
        refused=lambda why: shown(posted.answered(form, why), 409, why),
    )


@require_POST
def sign(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Countersign the opening that waits."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    here, row = written(request, scope), _waiting(scope, number)
    form = SignForm(request.POST)
    return posted.take(
        request,
        form,
        act=lambda form: services.countersign(opening=row.pk, **sent(scope, form)),
        said=lambda signed: f"Signed. {services.NAME.capitalize()} {_state(scope)}.",
        to=lambda signed: redirect("escalation:opening", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, signing=form, status=422),
        refused=lambda why: _shown(request, scope, here, signing=posted.answered(form, why), status=409),
    )


@require_POST
def withdraw(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Take back the opening that waits."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    here, row = written(request, scope), _waiting(scope, number)
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    return posted.take(
        request,
        form,
        act=lambda form: services.withdraw(opening=row.pk, **sent(scope, form)),
        said=lambda ended: f"{services.NAME.capitalize()} is withdrawn.",
        to=lambda ended: redirect("escalation:opening", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, withdrawing=form, status=422),
        refused=lambda why: _shown(request, scope, here, withdrawing=posted.answered(form, why), status=409),
    )


@require_http_methods(["GET", "POST"])
def patient(request: HttpRequest, trial: str) -> HttpResponse:
    """Enter one patient of the paper record."""
    scope = access.enter(request, trial, May.ENROL)
    here = written(request, scope)
    if not here.paper:
        raise Http404("This trial was not brought in from paper.")
    sites = [site for site in ground.sites(scope.trial.pk) if scope.sees(site.pk)]
    form = PaperPatientForm(request.POST or None, paper=here.paper, levels=here.protocol.levels, sites=sites)

    def shown(form: PaperPatientForm, status: int = 200) -> HttpResponse:
        context = {"scope": scope, "form": form, "here": here}
        return render(request, "escalation/opening/patient.html", context, status=status)

    if request.method == "GET":
        return shown(form)

    def act(form: PaperPatientForm) -> Any:
        said = {name: value for name, value in form.cleaned_data.items() if name not in ("received_level", "site")}
        level = next((lv.pk for lv in here.protocol.levels if str(lv.pk) == form.cleaned_data["received_level"]), None)
        site = next((one.pk for one in sites if str(one.pk) == form.cleaned_data.get("site")), None)
        return entry.enter(trial=scope.trial.pk, site=site, received_level=level, by=scope.user, **said)

    return posted.take(
        request,
        form,
        act=act,
        said=lambda treatment: f"Patient {treatment.patient.code} is entered from paper.",
        to=lambda treatment: redirect("escalation:opening_patient", scope.trial.code),
        shown=lambda form: shown(form, 422),
        refused=lambda why: shown(posted.answered(form, why), 409),
    )


def _waiting(scope: Scope, number: int) -> PaperOpening:
    row = services.proposed(scope.trial.pk)
    if row is None or row.number != number:
        raise Http404("No such opening waits.")
    return row


def _state(scope: Scope) -> str:
    return "waits for the other signatures" if services.proposed(scope.trial.pk) else "is in force"


def _shown(
    request: HttpRequest,
    scope: Scope,
    here: Situation,
    *,
    form: OpeningForm | None = None,
    signing: SignForm | None = None,
    withdrawing: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    waits, standing = services.proposed(scope.trial.pk), services.in_force(scope.trial.pk)
    row = waits or standing
    signed = queries.signatures(scope.trial.pk).get(row.pk, []) if row else []
    may_sign = scope.may(May.SIGN_DECISION)
    mine = any(signature.user_id == scope.user.pk for signature in signed)
    fresh = not (here.in_force or here.proposed or here.facts or row)
    shown = {
        "scope": scope,
        "row": row,
        "levels": page_of.levels(row) if row else [],
        "history": page_of.history(scope.trial.pk, waits),
        "may_correct": may_sign and standing is not None and waits is None,
        "standing": standing,
        "waits": waits,
        "signed": signed,
        "needed": here.protocol.settings.signatures,
        "fresh": fresh,
        "form": (form or OpeningForm(levels=here.protocol.levels)) if may_sign and fresh else None,
        "refused": form if form is not None and form.errors and not fresh else None,
        "signing": (signing or SignForm()) if may_sign and waits and not mine else None,
        "withdrawing": (withdrawing or WithdrawForm(auto_id="withdraw_%s")) if may_sign and waits else None,
        "may_enter": scope.may(May.ENROL) and standing is not None,
        "meaning": MEANING,
    }
    return render(request, "escalation/opening/opening.html", shown, status=status)
