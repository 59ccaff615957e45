"""Who may see what of a patient of another site, and of a verdict before one's own is given.

Members see number, level, window day and DLT state of every patient; coordinators of other sites see "a patient"
(docs/design.md, "Access"). A reader must not know the other's verdict before he has answered (docs/domain.md,
section 4), so a reading stays shut for everybody until its first two readers have both answered.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from trial.people.access import Scope
from trial.roles import May, Role

from .models import DltVerdict
from .queries import EventFacts, PatientFacts, confirmable
from .services import reader_of

Reader = DltVerdict.Reader


def numbered(scope: Scope, patient: PatientFacts) -> bool:
    """Whether this person may know the patient by number."""
    return scope.role != Role.COORDINATOR or scope.sees(patient.patient.site_id)


def veiled(sentence: str, scope: Scope, facts: Sequence[PatientFacts]) -> str:
    """A sentence about the trial, without the numbers of patients that this person may not know."""
    for patient in facts:
        if not numbered(scope, patient):
            sentence = re.sub(rf"\b[Pp]atient {patient.patient.code}\b", _unnamed, sentence)
    return sentence


def _unnamed(found: re.Match[str]) -> str:
    return "A patient" if found[0][0] == "P" else "a patient"


def reader(scope: Scope, patient: PatientFacts, event: EventFacts | None = None) -> str:
    """Which reader this person is for the patient's event, or for any that nobody has read; "" for none."""
    if not (scope.may(May.READ_FIRST) or scope.may(May.READ_SECOND) or scope.may(May.READ_THIRD)):
        return ""
    member = scope.membership
    return reader_of(
        scope.role,
        site=member.site_id if member else None,
        patient_site=patient.patient.site_id,
        second=bool(member and member.second_reader),
        third=bool(member and member.third_reader),
        dsmb=scope.role == Role.DSMB,
        first_given=event is not None and any(v.reader == Reader.FIRST for v in event.verdicts),
    )


def reads(scope: Scope, patient: PatientFacts) -> bool:
    """Whether this person may see the events: of his sites, or as a named reader of other sites' DLTs."""
    return scope.sees(patient.patient.site_id) or bool(reader(scope, patient))


def opened(event: EventFacts) -> bool:
    """Whether the verdicts of the last reading may be seen: the first and the second reader have answered."""
    given = {verdict.reader for verdict in event.verdicts}
    return event.state in ("dlt", "not_dlt") or {Reader.FIRST, Reader.SECOND} <= given


def verdicts(scope: Scope, event: EventFacts) -> list[DltVerdict]:
    """The verdicts that this person may see: all of them once the reading is open, before that only his own."""
    return [verdict for verdict in event.verdicts if opened(event) or verdict.by_id == scope.user.pk]


def turn(scope: Scope, patient: PatientFacts, event: EventFacts) -> bool:
    """Whether this person can give a verdict on the event now."""
    mine = reader(scope, patient, event)
    if not mine or not event.in_review:
        return False
    given = {verdict.reader for verdict in event.verdicts}
    if mine in given or any(verdict.by_id == scope.user.pk for verdict in event.verdicts):
        return False
    return mine != Reader.THIRD or opened(event)


def waits_for(scope: Scope, patient: PatientFacts, event: EventFacts) -> str:
    """Whom an event waits for, said so that a closed reading gives nobody away."""
    if turn(scope, patient, event):
        return "you"
    return "the third reader" if opened(event) else "the readers"


def next_due(patient: PatientFacts, on: date) -> tuple[str, date | None]:
    """What the record of a patient asks for next, and the day from which it does."""
    over = patient.window_ends_on + timedelta(days=1) if patient.window_ends_on else None
    match patient.outcome:
        case "not_dosed":
            return "First dose", None
        case "suspected":
            return "DLT verdict", None
        case "pending" if over and on < over:
            return "Window complete", over
        case "pending":
            return "Confirm evaluability" if confirmable(patient, on) else "Complete the record", over
        case _:
            return "", None
