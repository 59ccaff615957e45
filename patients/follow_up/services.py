"""Writing a patient's follow-up inside the caller's action. The verb is in assessments/response/follow_up.py: it must
also ask whether anything was assessed after the death.
"""

from dataclasses import asdict, dataclass
from datetime import date

from patients import days
from patients.models import Patient
from trial.record import corrections
from trial.record.ledger import Act
from trial.refusals import Refused

from .models import FollowUp

NAMES = {
    "last_contact_on": "Last known alive",
    "new_therapy_on": "New therapy begun",
    "died_on": "Died on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is known of a patient now. None and "" are not known, or did not happen."""

    last_contact_on: date | None = None
    new_therapy_on: date | None = None
    new_therapy: str = ""
    died_on: date | None = None
    death_cause: str = ""

    @property
    def asked(self) -> tuple[object, ...]:
        return tuple(asdict(self).values())


def follow(act: Act, patient: Patient, said: Followed, *, rev: int | None) -> FollowUp:
    """Store what is known now. What changes a fact that was recorded needs a reason; a later contact is no change.

    rev: the row's number on the person's screen, 0 for none; an older one refuses.
    """
    _check(act, patient, said)
    row = FollowUp.objects.filter(patient=patient).first()
    if row is not None:
        why = "changing what was recorded" if _corrects(row, said) else ""
        corrections.check(act, row, f"The follow-up of patient {patient.code}", seen=rev, reason_for=why)
    elif said == Followed():
        raise Refused("Follow-up: nothing is said yet; give a contact, a new therapy or a death.")
    row = row or FollowUp(trial_id=patient.trial_id, patient=patient)
    for name, value in asdict(said).items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.save()
    return row


def _corrects(row: FollowUp, said: Followed) -> bool:
    """Whether a recorded fact is changed or taken back."""
    later = row.last_contact_on is None or (
        said.last_contact_on is not None and said.last_contact_on >= row.last_contact_on
    )
    names = ("new_therapy_on", "new_therapy", "died_on", "death_cause")
    return not later or any(getattr(row, name) not in (None, "", getattr(said, name)) for name in names)


def _check(act: Act, patient: Patient, said: Followed) -> None:
    treatment = getattr(patient, "treatment", None)
    since = treatment.first_dose_on if treatment else patient.enrolled_on
    word, calendar = "first dose" if treatment else "enrolment", days.at(act, patient.site_id)
    for name, label in NAMES.items():
        on: date | None = getattr(said, name)
        if on is None:
            continue
        calendar.check(on, label, field=name)
        if on < since:
            raise Refused(f"{label}: {on:%-d %b %Y} is before the {word} ({since:%-d %b %Y}).", field=name)
        if said.died_on and on > said.died_on:
            raise Refused(f"{label}: {on:%-d %b %Y} is after the death ({said.died_on:%-d %b %Y}).", field=name)
    if said.new_therapy_on and not said.new_therapy.strip():
        raise Refused("New therapy: say which anti-myeloma therapy was begun.", field="new_therapy")
    if said.new_therapy.strip() and not said.new_therapy_on:
        raise Refused("New therapy begun: say on which day.", field="new_therapy_on")
    if said.died_on and said.death_cause not in FollowUp.Cause.values:
        raise Refused("Cause of death: choose progression, another cause, or unknown.", field="death_cause")
    if said.death_cause and not said.died_on:
        raise Refused("Died on: say on which day the patient died.", field="died_on")
