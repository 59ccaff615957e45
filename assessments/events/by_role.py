"""Grade, relation and what the criteria ask are the investigator's word; a coordinator enters the event without them.

What waits for that word keeps the patient pending, or makes the event suspected (docs/domain.md, section 4).
"""

from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May, allows

from ..models import AdverseEvent
from .report import EventReport
from .report import stored as as_stored

OF_THE_INVESTIGATOR = {
    "relations": "Relation: the investigator relates the event to each drug; leave it out.",
    "qualifiers": "Answers: the investigator gives what the DLT criteria ask.",
    "suspected": "DLT: the investigator says whether he suspects one.",
    "lowest_value": "Lowest value: the investigator gives what the DLT criteria ask.",
}


def judges(act: Act) -> bool:
    """Whether the acting person's word on grade and relation stands."""
    return allows(act.acting_as, May.GRADE_EVENT)


def check(act: Act, report: EventReport, stored: AdverseEvent | None) -> None:
    """Refuse a word that is not the acting person's to give, and an investigator's report without a grade."""
    if judges(act):
        if report.grade is None and not (stored and stored.grade is None):
            raise Refused("Grade: choose one, from 1 to 5.", field="grade")
        return
    was = as_stored(stored) if stored else None
    given = {step for step in was.history[1:] if step.grade} if was else set()
    first = was.history[0].grade if was else None
    if report.history[0].grade != first or any(s.grade and s not in given for s in report.history[1:]):
        raise Refused("Grade: the investigator grades the event; leave it out.", field="grade")
    if not given <= set(report.history[1:]):
        raise Refused("Grade: what the investigator graded is corrected by an investigator.", field="grade")
    if was and was.grade is not None and report.term != was.term:
        raise Refused("Term: the event is graded; an investigator corrects its term.", field="term")
    for field, sentence in OF_THE_INVESTIGATOR.items():
        said, before = getattr(report, field), getattr(was, field) if was else None
        if (said or None) != (before or None):
            raise Refused(sentence, field=field)


def check_void(act: Act, event: AdverseEvent) -> None:
    if event.grade is not None and not judges(act):
        raise Refused(f"{event.code} is graded; an investigator voids it.")
