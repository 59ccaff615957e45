"""What becomes of a patient whose dose level has closed: answered, and corrected, on one page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from escalation.outstanding import closed_levels
from patients.dosing import forms
from trial.forms import shown
from trial.roles import May

from ..common import BOTH, act, again, beside, find, recorded


@BOTH
def closed_level(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here, f = find(request, trial, number, May.DECIDE_TREATMENT)
    row = closed_levels.answer_of(f) if f.dosed else None
    if row is None and not closed_levels.on_closed(here, f) and request.method == "GET":
        raise Http404("The patient's level is not closed.")
    form = forms.ClosedLevelForm(request.POST or None, row=row, today=scope.today_at(f.patient.site))

    def save(said: dict[str, Any]) -> None:
        closed_levels.answer(
            trial=scope.trial.pk, patient=f.patient.pk, said=said["answer"], on=said["on"], because=said["because"],
            rev=said["rev"], reason=said.get("reason", ""), by=scope.user, key=said["key"],
        )  # fmt: skip

    state = f"Level {f.level.label} is closed, and patient {f.patient.code} is treated at it."
    if row:
        state = f"Recorded: {row.get_answer_display().lower()}, {shown(row.on)}, by {row.by.name}."
    return act(
        request, scope, form, save,
        over=recorded(scope, row, state, correct="?correct=1") if row and not again(request) else None,
        done=f"The answer for patient {f.patient.code} is recorded.",
        state=state,
        because="A reduction is recorded with the doses, a stop with its day and cause in a step of its own. The level "
        "of the patient stays as received: he counts where he began.",
        submit="Save correction" if row else "Record the answer",
        **beside(scope, f, "A closed level"),
    )  # fmt: skip
