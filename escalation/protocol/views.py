"""The Protocol page: ladder, settings in words, versions and their differences; and the form that writes one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from assessments.dlt.criteria import CRITERIA as DLT_CRITERIA
from assessments.dlt.criteria import words as criterion_words
from trial import numbers
from trial import queries as ground
from trial.people import access
from trial.people.access import Scope
from trial.protocol_settings import CRITERIA, ProtocolSettings
from trial.refusals import Refused
from trial.roles import May

from .. import words
from ..common import here_of
from ..situation import queries
from ..situation.situation import Situation
from . import changes as protocol_changes
from . import draft as protocol_draft
from . import effect as protocol_effect
from . import otherwise, plausible
from . import services as service
from . import words as protocol_words
from .changes import Snapshot
from .draft import Draft
from .forms import ProtocolForm, settings_initial


@require_GET
def protocol(request: HttpRequest, trial: str) -> HttpResponse:
    """The version in force, or an older one by ?version=, and every version with what it changed."""
    scope = access.enter(request, trial)
    here = here_of(request, scope)
    versions = protocol_changes.snapshots(scope.trial.pk)
    shown = {"scope": scope, "may_write": scope.may(May.WRITE_PROTOCOL), "may_audit": scope.may(May.READ_AUDIT)}
    if not versions:
        return render(request, "escalation/protocol/protocol.html", shown)
    snapshot = _asked(request, versions)
    amended = protocol_effect.included(scope, here) if here else {}
    steps = [
        {
            "snapshot": now,
            "changes": protocol_changes.changes(was, now) if was else [],
            "included": [p for p in amended.get(now.version.pk, []) if p] if now.version else [],
            "elsewhere": amended.get(now.version.pk, []).count(None) if now.version else 0,
        }
        for was, now in zip([None, *versions], versions, strict=False)
    ]
    shown |= {
        "snapshot": snapshot,
        "checked": snapshot.version.checked if snapshot.version else None,
        "design": words.design(queries.rule_of(snapshot.settings)),
        "in_force": snapshot is versions[-1],
        "latest": versions[-1],
        "levels": list(reversed(snapshot.levels)),
        "open_level": here.cohort.dose_level_id if here and here.cohort else None,
        "groups": list(protocol_words.said(snapshot.settings)),
        "criteria": [
            (code, criterion_words(code, snapshot.settings.ctcae_version), snapshot.settings.criteria[code])
            for code in DLT_CRITERIA
        ],
        "versions": list(reversed(steps)),
    }
    return render(request, "escalation/protocol/protocol.html", shown)


def _asked(request: HttpRequest, versions: list[Snapshot]) -> Snapshot:
    number = request.GET.get("version", "")
    if not number:
        return versions[-1]
    found = next((s for s in versions if s.version and str(s.version.number) == number), None)
    if found is None:
        raise Http404("No such protocol version.")
    return found


@require_http_methods(["GET", "POST"])
def amend(request: HttpRequest, trial: str) -> HttpResponse:
    """Write version 1 or an amendment. Buttons of the form add and take out rows; nothing typed is lost by them."""
    scope = access.enter(request, trial, May.WRITE_PROTOCOL)
    before = protocol_changes.snapshots(scope.trial.pk)
    latest = before[-1] if before else None
    names = [drug.name for drug in ground.drugs(scope.trial.pk)]
    here = here_of(request, scope)
    waiting = protocol_effect.in_window(here) if here else []
    fixed: dict[str, Any] = {"names": names, "waiting": waiting, "amending": latest is not None}
    if request.method == "GET" and not request.POST:  # not what was typed before the session ended
        draft, settings = _start(scope, names)
        form = ProtocolForm(draft=draft, initial=settings_initial(settings) | draft.initial(), **fixed)
        return _shown(request, scope, form, latest)

    do = request.POST.get("do", "preview") if request.method == "POST" else "show"
    if do not in ("preview", "write"):
        draft = _rearranged(protocol_draft.typed(request.POST), do)
        form = ProtocolForm(draft=draft, initial=_as_typed(request.POST) | draft.initial(), **fixed)
        return _shown(request, scope, form, latest)

    draft = protocol_draft.typed(request.POST)
    form = ProtocolForm(request.POST, draft=draft, previewed=do == "preview", **fixed)
    if not form.is_valid():
        return _shown(request, scope, form, latest, status=422)
    try:
        settings = form.asked_settings()
        if do == "preview":
            return _shown(request, scope, form, latest, preview=_preview(scope.trial.pk, form, settings, latest, here))
        version = _write(request, scope, form, settings)
    except Refused as refusal:
        form.refused(refusal)
        return _shown(request, scope, form, latest, status=409)
    messages.success(request, f"Protocol version {version} is in force.")
    return redirect("escalation:protocol", scope.trial.code)


def _start(scope: Scope, names: list[str]) -> tuple[Draft, ProtocolSettings]:
    current = ground.protocol(scope.trial.pk)
    if current is None:
        return Draft(drugs=names or [""]), ProtocolSettings()
    return protocol_draft.of(current, names, ground.criteria(current.version.pk)), current.settings


def _rearranged(draft: Draft, do: str) -> Draft:
    what, _, index = do.partition(":")
    at = numbers.whole(index) or 0
    match what:
        case "illustrative":
            return protocol_draft.illustrative()
        case "add_drug":
            return draft.with_drug()
        case "add_level":
            return draft.with_level(min(at, len(draft.levels)))
        case "remove_level":
            return draft.without_level(at)
    return draft


def _as_typed(sent: Mapping[str, str]) -> dict[str, Any]:
    """What was typed besides the rows, to be shown again unchecked."""
    values: dict[str, Any] = {
        name: sent.get(name, "") for name in ("key", "reason", "unusual", *protocol_words.BY_NAME)
    }
    values |= {name: value for name, value in sent.items() if name.startswith("patient_")}
    return values | {f"criterion_{code}": f"criterion_{code}" in sent for code in CRITERIA}


def _preview(
    trial: UUID, form: ProtocolForm, settings: ProtocolSettings, latest: Snapshot | None, here: Situation | None
) -> dict[str, Any]:
    said = form.cleaned_data
    snapshot = protocol_changes.drafted(settings, said["named_drugs"], said["ladder"], form.asked_criteria())
    changes = protocol_changes.changes(latest, snapshot) if latest else []
    labels = tuple(level.label for level in said["ladder"])
    found = service.checked(settings, labels)
    if isinstance(found, Refused):
        raise found
    plausible.check(settings, said["ladder"], ground.protocol(trial), said["unusual"])
    shown = {
        "checked": found,
        "snapshot": snapshot,
        "levels": list(reversed(snapshot.levels)),
        "changes": changes,
        "unanswered": form.unanswered(),
        "without_reason": "reason" in form.fields and not said.get("reason"),
    }
    if here is None:
        return shown
    included = {patient for patient, included in form.asked_patients().items() if included}
    for_a_patient = protocol_effect.differing(here, settings)
    return shown | {
        "effect": protocol_effect.effect(here, settings, labels, included),
        "for_a_patient": for_a_patient,
        "otherwise": otherwise.read(here, settings) if for_a_patient and any(f.dosed for f in here.facts) else None,
    }


def _write(request: HttpRequest, scope: Scope, form: ProtocolForm, settings: ProtocolSettings) -> int:
    said = form.cleaned_data
    based_on = request.POST.get("based_on", "")
    version = service.write(
        trial=scope.trial.pk,
        settings=settings,
        levels=said["ladder"],
        drugs=said["named_drugs"],
        criteria=form.asked_criteria(),
        reason=said.get("reason", ""),
        based_on=numbers.whole(based_on),
        patients=form.asked_patients(),
        unusual=said["unusual"],
        by=scope.user,
        key=said["key"],
    )
    return int(version.number)


def _shown(
    request: HttpRequest,
    scope: Scope,
    form: ProtocolForm,
    latest: Snapshot | None,
    *,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    number = latest.version.number if latest and latest.version else 0
    shown = {
        "scope": scope,
        "form": form,
        "latest": latest,
        "preview": preview,
        # what the writer saw stays what he saw, however often a button renews the page
        "based_on": request.POST.get("based_on", str(number)),
        "next": number + 1,
        "sentences": list(zip(form.criterion_rows(), DLT_CRITERIA.values(), strict=True)),
    }
    return render(request, "escalation/protocol/protocol_form.html", shown, status=status)
