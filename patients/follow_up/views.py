"""What is learned of a patient after treatment: contact, other therapy, death; and the end of the study for him."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from assessments.events.changes import said
from assessments.response.follow_up import record_follow_up
from patients.follow_up import forms, leaving, queries
from patients.follow_up.models import FollowUp
from patients.models import Treatment
from patients.queries import history
from trial.forms import shown
from trial.people.access import Scope
from trial.refusals import Refused
from trial.roles import May

from ..common import BOTH, act, beside, find, show


@BOTH
def follow_up(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_FOLLOW_UP)
    row = queries.follow_up(f.patient.pk)
    form = forms.FollowUpForm(request.POST or None, row=row)
    page: dict[str, Any] = {
        "state": "Follow-up goes on after treatment has stopped, until death or the end of the study.",
        "submit": "Save follow-up",
        **beside(scope, f, "Follow-up"),
    }
    if row and form.is_bound and form["rev"].value() not in (str(row.rev), None, ""):
        return _changed(request, scope, row, page)

    def save(typed: dict[str, Any]) -> None:
        record_follow_up(
            trial=scope.trial.pk, patient=f.patient.pk, said=form.followed, rev=typed["rev"],
            reason=typed.get("reason", ""), by=scope.user, key=typed["key"],
        )  # fmt: skip

    return act(request, scope, form, save, done=f"The follow-up of patient {f.patient.code} is recorded.", **page)


def _changed(request: HttpRequest, scope: Scope, row: FollowUp, page: dict[str, Any]) -> HttpResponse:
    """Somebody else recorded follow-up since the form was opened: both versions are shown, nothing is written."""
    seen, data = request.POST.get("rev", ""), request.POST.copy()
    data["rev"] = str(row.rev)  # what the person sees now; saving again is a new decision
    form = forms.FollowUpForm(data, row=row)
    form.is_valid()
    entries = history(scope.trial.pk, [row]).entries
    then = next((entry.now for entry in entries if str(entry.event.number) == seen), {})
    found = [
        (str(form.fields[name].label), *map(said, (then.get(name), getattr(row, name), form.cleaned_data.get(name))))
        for name in forms.FOLLOWED
    ]
    who = f" by {entries[-1].who} on {shown(entries[-1].at.date())}" if entries else ""
    form.refused(
        Refused(
            f"The follow-up was changed{who} since you opened the form. Your answers are kept: compare and save again."
        )
    )
    page["changed"] = [(what, was, now, yours) for what, was, now, yours in found if was != now or now != yours]
    return show(request, form, status=409, **page)


@BOTH
def leave(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_FOLLOW_UP)
    treatment: Treatment | None = getattr(f.patient, "treatment", None)
    if treatment is None:
        raise Http404("This patient has had no dose.")
    form = forms.LeaveForm(request.POST or None, treatment=treatment)

    def save(typed: dict[str, Any]) -> None:
        leaving.leave_study(
            trial=scope.trial.pk, patient=f.patient.pk, on=typed["on"], why=typed["why"], rev=typed["rev"],
            reason=typed.get("reason", ""), by=scope.user, key=typed["key"],
        )  # fmt: skip

    left = treatment.left_study_on
    return act(
        request, scope, form, save,
        done=f"Patient {f.patient.code}: the record of leaving the study is saved.",
        state=f"Left on {shown(left)}: {treatment.left_study_reason}." if left else "In the study.",
        because="The patient is then followed no more: no assessment is due any longer. Stopping treatment is another "
        "step and comes first; until a patient leaves the study, follow-up for survival goes on.",
        submit="Save correction" if left else "Record that the patient left",
        danger=True,
        suggestions=forms.LEAVE_REASONS,
        **beside(scope, f, "Left the study"),
    )  # fmt: skip
