"""An event and what follows from it for the count, derived on each read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from patients.models import DoseTaken, Treatment
from trial.dates import later, study_day
from trial.models import Dose
from trial.protocol_settings import ProtocolSettings

from .. import course_rules
from ..dlt import doses as dlt_doses
from ..dlt import event as dlt
from ..dlt.criteria import Rules, gravest
from ..dlt.doses import Missed, Schedule, Stop
from ..dlt.version import TODAY, Reading
from ..models import AdverseEvent, DltVerdict
from . import judging
from .judging import GradedFrom


def waits_for_the_investigator(event: AdverseEvent) -> bool:
    """Whether its grade is not given, or its relation to none of the drugs."""
    return event.ungraded or not any(not relation.voided for relation in event.relations.all())


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event and what follows from it for the count.

    Of an onset that is known in part it is the gravest that a day of it would mean.
    """

    event: AdverseEvent
    relations: Mapping[str, str | None]  # by drug name; None is a missing answer
    suggestion: dlt.Suggestion
    verdicts: Sequence[DltVerdict]  # of the last round
    state: str  # "none", "open", "suspected", "dlt", "not_dlt": see dlt.event_state
    onset_day: int  # day 1 = first dose, there is no day 0: 0 while there was none
    judged: dlt.Event | None  # as the criteria see it on the date of the facts; None before the first dose
    steps: Sequence[GradedFrom] = ()  # its grades in study days, from the onset on; none before the first dose
    doses_missed: bool = False  # for it: its site says so, or a day of the doses names it

    @property
    def related(self) -> bool:
        """To at least one drug, by the investigator; a missing answer is none."""
        return any(degree in dlt.RELATED for degree in self.relations.values())

    @property
    def in_review(self) -> bool:
        return self.state == "suspected"

    def inside(self, window_days: int) -> bool:
        """Whether it began, or got worse, in a window of so many days."""
        return any(1 <= day <= window_days for day in judging.rises(self.steps))

    def fatal_inside(self, window_days: int) -> bool:
        """Whether it was of grade 5 on a day of the window."""
        return any(step.grade == 5 and 1 <= step.day <= window_days for step in self.steps)

    @property
    def day_words(self) -> str:
        """ "day 12", "in Mar 2026" where the day is not known, "" before the first dose."""
        if self.event.onset_known:
            return f"in {self.event.onset.shown}"
        return f"day {self.onset_day}" if self.judged else ""


def event_facts(
    event: AdverseEvent,
    drugs: Sequence[str],
    treatment: Treatment | None,
    on: date,
    settings: ProtocolSettings | None = None,
    doses: Mapping[str, tuple[Decimal, Decimal]] = MappingProxyType({}),
    schedules: Mapping[str, Schedule] = MappingProxyType({}),
    reading: Reading = TODAY,
    missed: Missed | None = None,
) -> EventFacts:
    """on: today at the site. doses, schedules: of the patient over his window, by drug.

    missed: where his doses are recorded by cycle, what was missed day by day. reading: of another version of the rules.
    """
    if treatment and settings and event.onset_known:
        return _in_part(event, drugs, treatment, on, settings, doses, schedules, reading, missed)
    return _of_onset(event, event.onset_on, drugs, treatment, on, settings, doses, schedules, reading, missed)


GRAVEST = ("none", "not_dlt", "open", "suspected", "dlt")


def _in_part(
    event: AdverseEvent, drugs: Sequence[str], treatment: Treatment, on: date, settings: ProtocolSettings,
    doses: Mapping[str, tuple[Decimal, Decimal]], schedules: Mapping[str, Schedule], reading: Reading,
    missed: Missed | None,
) -> EventFacts:  # fmt: skip
    """The gravest of what the days of an onset in part would mean: what depends on the day is never guessed away."""
    rest = event.history[1:]
    until = later(rest[0].on, -1) if rest else event.ended_on
    days = judging.possible_onsets(
        event.onset, until, today=on, first_dose=treatment.first_dose_on, window_days=settings.window_days
    )
    every = [_of_onset(event, day, drugs, treatment, on, settings, doses, schedules, reading, missed) for day in days]
    inside = [one.inside(settings.window_days) for one in every]
    found = max(every, key=lambda one: (GRAVEST.index(one.state), one.inside(settings.window_days)))
    state = found.state
    if state == "none" and event.grade == 5 and any(inside) and not all(inside):
        state = "open"  # a death from myeloma inside the window makes a patient not evaluable, one after it does not
    said = replace(found.suggestion, because=judging.in_part(event.onset, found.suggestion.because))
    return replace(found, state=state, suggestion=said)


def _of_onset(
    event: AdverseEvent, onset_on: date, drugs: Sequence[str], treatment: Treatment | None, on: date,
    settings: ProtocolSettings | None, doses: Mapping[str, tuple[Decimal, Decimal]],
    schedules: Mapping[str, Schedule], reading: Reading, missed: Missed | None,
) -> EventFacts:  # fmt: skip
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
        onset_on=onset_on,
        ended_on=event.ended_on,
        relations=relations,
        qualifiers=event.qualifiers,
        first_dose=treatment.first_dose_on,
        today=on,
        value=event.lowest_value,
        serious=event.serious,
        ctcae=settings.ctcae_version,
    )
    later_on = [GradedFrom(study_day(step.on, treatment.first_dose_on), step.grade) for step in event.history[1:]]
    steps = [GradedFrom(judged.onset_day, event.history[0].grade), *later_on]
    judged = replace(judged, as_of_day=max(judged.as_of_day, steps[-1].day))
    rules = judging.rules(settings, reading)
    suggestion = judging.suggest(judged, rules, steps)
    in_window = any(1 <= day <= settings.window_days for day in judging.rises(steps))
    if in_window and rules.asks("N4") and suggestion.suggested is not True:
        as_of_day = study_day(on, treatment.first_dose_on)
        found = _by_course(event, judged.related, as_of_day, settings, rules, treatment, doses, schedules, missed)
        suggestion = gravest([suggestion, *found], reading)
    state = dlt.event_state(
        suggestion,
        event.suspected and in_window,
        {verdict.reader: verdict.is_dlt for verdict in verdicts},
    )
    for_it = bool(event.doses_missed) or (missed is not None and missed.names(event.pk))
    return EventFacts(event, relations, suggestion, verdicts, state, judged.onset_day, judged, steps, for_it)


def _by_course(
    event: AdverseEvent, related: bool | None, as_of_day: int, settings: ProtocolSettings, rules: Rules,
    treatment: Treatment, doses: Mapping[str, tuple[Decimal, Decimal]], schedules: Mapping[str, Schedule],
    missed: Missed | None,
) -> list[dlt.Suggestion]:  # fmt: skip
    """Criterion N4 on an event that is the cause: doses missed for it, cycle 2 held for it.

    A stopped treatment takes no more doses: what is missing then is missed, as it is after the window. Why it stopped,
    and what the schedule had left, says which of it counts.
    """
    found = []
    over = treatment.stopped_on is not None or as_of_day > settings.window_days
    if missed is not None:
        if event.doses_missed or missed.names(event.pk):
            by_days = dlt_doses.missed_by_days(
                missed=missed,
                event=event.pk,
                because_of_toxicity=related,
                named=bool(event.doses_missed),
                window_over=over,
                schedules=schedules,
                stop=stop_of(treatment),
                window_days=settings.window_days,
            )
            found.append(by_days)
    elif event.doses_missed:
        known = rules.reading.stop_misses_its_doses
        by_totals = dlt_doses.missed_doses(
            doses=doses,
            window_over=over,
            because_of_toxicity=related,
            schedules=schedules if known else {},
            stop=stop_of(treatment) if known else None,
            window_days=settings.window_days,
        )
        found.append(by_totals)
    if event.delays_cycle_2:
        begun = study_day(treatment.cycle2_on, treatment.first_dose_on) if treatment.cycle2_on else None
        delay = course_rules.cycle2_delay(
            as_of_day=as_of_day,
            cycle_days=settings.cycle_days,
            begun_day=begun,
            because_of_toxicity=related,
        )
        found.append(delay)
    return found


def stop_of(treatment: Treatment) -> Stop | None:
    """How treatment ended, as criterion N4 asks for it; None while it goes on."""
    if treatment.stopped_on is None:
        return None
    drugs = treatment.stopped_drugs
    return Stop(
        day=study_day(treatment.stopped_on, treatment.first_dose_on),
        toxicity=treatment.stop_related,
        drugs=None if drugs is None else frozenset(drugs),
    )


def scheduled(doses: Sequence[Dose], settings: ProtocolSettings) -> dict[str, Schedule]:
    """What a dose level gives of each drug, where its schedule is data; other drugs go by their totals."""
    return {
        dose.drug.name: Schedule(dose.amount, frozenset(dose.days), settings.cycle_days, dose.times)
        for dose in doses
        if dose.days and dose.times and dose.amount and max(dose.days) <= settings.cycle_days
    }


def amounts(doses: Sequence[DoseTaken]) -> dict[str, tuple[Decimal, Decimal]]:
    """(planned, taken) of each drug over the window; empty while nothing is recorded."""
    return {dose.drug.name: (dose.planned, dose.taken) for dose in doses}
