"""What is learned of a patient after treatment: contact, other therapy, death; and the end of the study for him."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from assessments.response.follow_up import record_follow_up
from patients.follow_up import forms, leaving, queries
from patients.models import Treatment
from patients.queries import history
from trial.forms import shown
from trial.refusals import Stale
from trial.roles import May

from ..common import BOTH, act, again, beside, find, recorded, since, typed


@BOTH
def follow_up(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_FOLLOW_UP)
    row = queries.follow_up(f.patient.pk)
    form = forms.FollowUpForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        try:
            record_follow_up(
                trial=scope.trial.pk, patient=f.patient.pk, said=form.followed, rev=answers["rev"],
                reason=answers.get("reason", ""), by=scope.user, key=answers["key"],
            )  # fmt: skip
        except Stale as stale:
            last = history(scope.trial.pk, [row] if row else []).entries[-1:]
            who = "".join(f" by {entry.who} on {shown(entry.at.date())}" for entry in last)
            raise Stale(
                f"The follow-up was changed{who} since you opened the form. "
                "Your answers are kept: compare and save again."
            ) from stale

    return act(
        request, scope, form, save,
        done=f"The follow-up of patient {f.patient.code} is recorded.",
        changed=lambda: since(scope, row, form, typed(form, forms.FOLLOWED)) if row else (),
        state="Follow-up goes on after treatment has stopped, until death or the end of the study.",
        submit="Save follow-up",
        **beside(scope, f, "Follow-up"),
    )  # fmt: skip


@BOTH
def leave(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_FOLLOW_UP)
    treatment: Treatment | None = getattr(f.patient, "treatment", None)
    if treatment is None:
        raise Http404("This patient has had no dose.")
    form = forms.LeaveForm(request.POST or None, treatment=treatment)

    def save(answers: dict[str, Any]) -> None:
        leaving.leave_study(
            trial=scope.trial.pk, patient=f.patient.pk, on=answers["on"], why=answers["why"], rev=answers["rev"],
            reason=answers.get("reason", ""), by=scope.user, key=answers["key"],
        )  # fmt: skip

    left = treatment.left_study_on
    state = f"Left on {shown(left)}: {treatment.left_study_reason}." if left else "In the study."
    return act(
        request, scope, form, save,
        over=recorded(scope, treatment, state, "left_study_on", "left_study_reason", correct="?correct=1")
        if left and not again(request)
        else None,
        done=f"Patient {f.patient.code}: the record of leaving the study is saved.",
        state=state,
        because="The patient is then followed no more: no assessment is due any longer. Stopping treatment is another "
        "step and comes first; until a patient leaves the study, follow-up for survival goes on.",
        submit="Save correction" if left else "Record that the patient left",
        danger=True,
        suggestions=forms.LEAVE_REASONS,
        **beside(scope, f, "Left the study"),
    )  # fmt: skip
