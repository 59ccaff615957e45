"""An event and what follows from it for the count, derived on each read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from patients.models import DoseTaken, Treatment
from trial.protocol_settings import ProtocolSettings

from .. import course_rules
from ..dlt import event as dlt
from ..dlt.version import TODAY, Reading
from ..models import AdverseEvent, DltVerdict
from . import judging


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event and what follows from it for the count."""

    event: AdverseEvent
    relations: Mapping[str, str | None]  # by drug name; None is a missing answer
    suggestion: dlt.Suggestion
    verdicts: Sequence[DltVerdict]  # of the last round
    state: str  # "none", "open", "suspected", "dlt", "not_dlt": see dlt.event_state
    onset_day: int  # day 1 = first dose
    judged: dlt.Event | None  # as the criteria see it on the date of the facts; None before the first dose

    @property
    def in_review(self) -> bool:
        return self.state == "suspected"


def event_facts(
    event: AdverseEvent,
    drugs: Sequence[str],
    treatment: Treatment | None,
    on: date,
    settings: ProtocolSettings | None = None,
    doses: Mapping[str, tuple[Decimal, Decimal]] = MappingProxyType({}),
    reading: Reading = TODAY,
) -> EventFacts:
    relations: dict[str, str | None] = dict.fromkeys(drugs)
    relations |= {relation.drug.name: relation.degree for relation in event.relations.all()}
    verdicts = [verdict for verdict in event.verdicts.all() if verdict.round == event.round]
    if treatment is None or settings is None:
        nothing = dlt.Suggestion(False, "The patient has not had a first dose.")
        return EventFacts(event, relations, nothing, verdicts, "none", 0, None)
    judged = judging.study_event(
        term=event.term,
        soc=event.soc,
        grade=event.grade,
        onset_on=event.onset_on,
        ended_on=event.ended_on,
        relations=relations,
        qualifiers=event.qualifiers,
        first_dose=treatment.first_dose_on,
        today=on,
    )
    suggestion = course_rules.suggest(judged, settings.criteria, settings.window_days)
    in_window = 1 <= judged.onset_day <= settings.window_days
    if in_window and settings.criteria["N4"] and suggestion.suggested is not True:
        as_of_day = judging.day(on, treatment.first_dose_on)
        suggestion = _by_course(event, suggestion, judged.related, as_of_day, settings, treatment, doses)
    state = dlt.event_state(
        suggestion,
        event.suspected and in_window,
        {verdict.reader: verdict.is_dlt for verdict in verdicts},
    )
    return EventFacts(event, relations, suggestion, verdicts, state, judged.onset_day, judged)


def _by_course(
    event: AdverseEvent, suggestion: dlt.Suggestion, related: bool | None, as_of_day: int, settings: ProtocolSettings,
    treatment: Treatment, doses: Mapping[str, tuple[Decimal, Decimal]],
) -> dlt.Suggestion:  # fmt: skip
    """Criterion N4 on an event that is the cause: doses missed for it, cycle 2 held for it. The gravest answer holds.

    A stopped treatment takes no more doses: what is missing then is missed, as it is after the window.
    """
    found = [suggestion]
    if event.doses_missed:
        over = treatment.stopped_on is not None or as_of_day > settings.window_days
        found.append(course_rules.missed_doses(doses=doses, window_over=over, because_of_toxicity=related))
    if event.delays_cycle_2:
        begun = (treatment.cycle2_on - treatment.first_dose_on).days + 1 if treatment.cycle2_on else None
        delay = course_rules.cycle2_delay(
            as_of_day=as_of_day,
            cycle_days=settings.cycle_days,
            begun_day=begun,
            because_of_toxicity=related,
        )
        found.append(delay)
    return course_rules.gravest(found)


def amounts(doses: Sequence[DoseTaken]) -> dict[str, tuple[Decimal, Decimal]]:
    """(planned, taken) of each drug over the window; empty while nothing is recorded."""
    return {dose.drug.name: (dose.planned, dose.taken) for dose in doses}
