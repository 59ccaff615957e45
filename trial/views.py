"""Home, across trials, and the page that begins one."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from escalation.dashboard import home as my_trials
from escalation.dashboard import waiting
from escalation.dashboard.home import Card

from . import services
from .inbox import queries as inbox
from .local import progress
from .local.progress import Progress
from .models import Trial, User
from .people import access, rights, suspensions
from .people.forms import NewTrialForm
from .refusals import Refused
from .roles import May
from .sheets.paging import page_of

TRIALS_A_PAGE = 9


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My trials as cards and what waits for me; an administrator sees names, no clinical data."""
    person = access.person(request)
    demo = _demo()  # before the trials: a page may show more than it says, never less
    mine = access.trials(person)
    sought = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = mine.filter(Q(code__icontains=sought) | Q(title__icontains=sought)) if sought else mine
    page = page_of(request, found, TRIALS_A_PAGE)
    cards = my_trials.cards(person, list(page))
    may = access.installation_rights(person)
    suspended, to_confirm = suspensions.seen_by(person)
    shown = {
        "trials": [_card(card) for card in cards],
        "page": page,
        "sought": sought,
        "searchable": bool(sought) or page.paginator.num_pages > 1,
        "waiting": [
            *(_unsigned() if May.MANAGE_PEOPLE in may else ()),
            *(_to_confirm(user) for user in to_confirm),
            *sorted((_row(card.trial, item) for card in cards for item in card.waiting), key=_urgency),
        ],
        "suspended": suspended,
        "may_create": May.CREATE_TRIAL in may,
        "create_url": reverse("trial:new"),
        "accounts_url": reverse("trial:accounts") if May.MANAGE_PEOPLE in may else "",
        "unread": inbox.unread(person),
        "demo": demo,
        "seen": str(demo),
        "pulse_url": reverse("trial:pulse"),
    }
    return render(request, "trial/home.html", shown)


def _unsigned() -> list[dict[str, Any]]:
    """The rights of the last quarter, while nobody has signed them."""
    quarter = rights.unsigned(datetime.now(UTC))
    if quarter is None:
        return []
    url = f"{reverse('trial:access_rights')}?quarter={quarter.slug}"
    return [{"text": f"Sign who had which right in {quarter.name}", "url": url, "trial": "Over all trials"}]


def _to_confirm(user: User) -> dict[str, Any]:
    """Somebody's signing waits for the reader to say who it is."""
    return {
        "text": f"Confirm that it is {user.name}: signing is suspended",
        "url": reverse("trial:confirm_person", args=[user.pk]),
        "trial": "This installation",
    }


@login_not_required
@require_GET
def pulse(request: HttpRequest) -> HttpResponse:
    """Whether the demo is as far as the page says: 204, else HX-Trigger. 286 ends the polling: no more is to come."""
    if not request.user.is_authenticated:
        return HttpResponse("You are signed out.", status=401, content_type="text/plain")
    demo = _demo()
    if request.GET.get("seen") == str(demo):
        return HttpResponse(status=204)
    return HttpResponse(status=286 if demo is None or demo.over else 200, headers={"HX-Trigger": "changed"})


def _demo() -> Progress | None:
    """Of an installation that `make run` made: how far its demo is, until all of it is there."""
    return progress.read(Path(settings.DEMO_PROGRESS)) if settings.DEMO_PROGRESS else None


def _card(card: Card) -> dict[str, Any]:
    trial = card.trial
    if not card.state:
        url = reverse("trial:people", args=[trial.code])
        return {"code": trial.code, "title": trial.title, "url": url, "label": trial.label, "people_only": True}
    return {
        "code": trial.code,
        "title": trial.title,
        "label": trial.label or ("Illustrative" if trial.illustrative else ""),
        "url": reverse(f"escalation:{_first_page(card)}", args=[trial.code]),
        "role": card.role,
        "level": card.level,
        "slots": card.slots,
        "pending": card.pending,
        "state": card.state,
        "tone": card.tone,
        "next": card.next,
    }


def _first_page(card: Card) -> str:
    return "dashboard" if card.board else "trial" if card.written else "protocol"


def _urgency(row: dict[str, Any]) -> tuple[int, date]:
    """What is overdue, what waits without a date, then by the date on which it is due."""
    return (0 if row["overdue"] else 2 if row["due"] else 1), row["due"] or date.min


def _row(trial: Trial, item: waiting.Waiting) -> dict[str, Any]:
    where = [trial.code] if item.number is None else [trial.code, item.number]
    return {
        "text": item.text,
        "url": reverse(item.view, args=where),
        "trial": trial.code,
        "due": item.due,
        "overdue": item.overdue,
    }


@require_http_methods(["GET", "POST"])
def new_trial(request: HttpRequest) -> HttpResponse:
    person = access.person(request)
    if not access.installation_may(person, May.CREATE_TRIAL):
        raise PermissionDenied("Only an administrator may create a trial.")
    form = NewTrialForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked = {name: value for name, value in form.cleaned_data.items() if name != "key"}
            try:
                trial = services.create_trial(**asked, by=person)
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                messages.success(request, f"Trial {trial.code} exists. Now its sites and people.")
                return redirect("trial:people", trial.code)
    return render(request, "trial/new.html", {"form": form}, status=status)
