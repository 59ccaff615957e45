"""Pages of the sponsor: the assessment of an event, and the lists of expected terms."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.events import expected, queries, sponsor
from patients.common import BOTH, act, again, recorded, since, standing, typed
from trial import queries as ground
from trial.dates import shown
from trial.forms import VoidForm
from trial.people.access import Scope
from trial.roles import May

from .common import enter, event_of
from .models import SafetyReference
from .sponsor_forms import AssessForm, ListForm, lines


@BOTH
def assess(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.ASSESS_EVENT)
    event, f = event_of(scope, here, number)
    standing(request, event, reverse("assessments:event", args=[trial, number]))
    queries.with_details([event])
    form = AssessForm(request.POST or None, drugs=ground.drugs(scope.trial.pk), event=event)
    listed = expected.by_list(event, expected.lists(scope.trial.pk))
    said = {True: "expected", False: "not expected", None: "not known yet"}[listed.expected]

    def save(answers: dict[str, Any]) -> None:
        sponsor.assess_event(
            trial=scope.trial.pk, event=event.pk, said=form.said, rev=answers["rev"],
            reason=answers.get("reason", ""), by=scope.user, key=answers["key"],
        )  # fmt: skip

    row, over = getattr(event, "sponsor", None), None
    if row and not again(request):
        over = recorded(scope, row, f"{event.code} is assessed for the sponsor.", correct="?correct=1")
    return act(
        request, scope, form, save,
        back=reverse("assessments:event", args=[trial, number]),
        over=over,
        done=f"{event.code} is assessed for the sponsor.",
        title=f"Assess {event.code} for the sponsor",
        state=f"{event.title}, {event.graded} · patient {f.patient.code}",
        because=f"By the list it is {said}: {listed.because} What the investigator said stays as it is.",
        submit="Save assessment",
        parent=event.code,
        changed=lambda: [],
    )  # fmt: skip


@require_GET
def expected_lists(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.READ)
    rows = [{"row": row, "lines": lines(row)} for row in expected.lists(scope.trial.pk)]
    context = {"rows": rows, "may_define": scope.may(May.ASSESS_EVENT)}
    return render(request, "assessments/events/expected.html", context)


@BOTH
def add_list(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.ASSESS_EVENT)
    form = ListForm(request.POST or None)

    def save(answers: dict[str, Any]) -> None:
        expected.add_list(trial=scope.trial.pk, by=scope.user, **_said(answers))

    return act(
        request, scope, form, save,
        back=reverse("assessments:expected", args=[trial]),
        done="The list is added.",
        title="Add a list of expected terms",
        because="An event is judged by the list that was in force on its onset.",
        submit="Add list",
        parent="Expected terms",
    )  # fmt: skip


@BOTH
def correct_list(request: HttpRequest, trial: str, reference: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.ASSESS_EVENT)
    stored = _list(scope, reference)
    standing(request, stored, reverse("assessments:expected", args=[trial]))
    form = ListForm(request.POST or None, row=stored)

    def save(answers: dict[str, Any]) -> None:
        expected.correct_list(
            trial=scope.trial.pk,
            row=stored.pk,
            rev=answers["rev"],
            reason=answers["reason"],
            by=scope.user,
            **_said(answers),
        )

    return act(
        request, scope, form, save,
        back=reverse("assessments:expected", args=[trial]),
        done=f"List {stored.version} is corrected.",
        title=f"Correct list {stored.version}",
        state=f"In force from {shown(stored.in_force_on)}",
        submit="Save correction",
        parent="Expected terms",
        changed=lambda: since(scope, stored, form, typed(form, ("version", "in_force_on", "terms"))),
    )  # fmt: skip


@BOTH
def void_list(request: HttpRequest, trial: str, reference: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.ASSESS_EVENT)
    stored = _list(scope, reference)
    standing(request, stored, reverse("assessments:expected", args=[trial]))
    form = VoidForm(request.POST or None, row=stored)

    def save(answers: dict[str, Any]) -> None:
        expected.void_list(trial=scope.trial.pk, row=stored.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=reverse("assessments:expected", args=[trial]),
        done=f"List {stored.version} is taken back.",
        title=f"Take back list {stored.version}",
        state=f"In force from {shown(stored.in_force_on)}",
        because="It leaves the lists; the record keeps it. Events of its time are judged by the list before it.",
        submit="Take back",
        danger=True,
        parent="Expected terms",
    )  # fmt: skip


def _said(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": answers["version"],
        "in_force_on": answers["in_force_on"],
        "listed": answers["terms"],
        "key": answers["key"],
    }


def _list(scope: Scope, row: UUID) -> SafetyReference:
    found = expected.one(scope.trial.pk, row)
    if found is None:
        raise Http404("No such list.")
    return found
