"""What a reporter says of an adverse event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from trial.dates import Partial

from ..event_words import Graded
from ..models import AdverseEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """What a reporter says of an event. relations: degree by drug id; a missing drug is a missing answer."""

    term: str
    grade: int | None  # the worst; None: it waits for the investigator
    steps: Sequence[Graded] = ()  # its grades from the onset on, where there is more than one
    onset_on: date  # the earliest day, where the day is not known
    onset_known: str | None = None  # "month" or "year"; None: the day
    ended_on: date | None = None
    outcome: str | None = None
    specified: str = ""
    relations: Mapping[UUID, str]
    actions: Mapping[UUID, str] | None = None  # what was done about a drug; None: nothing is said of any
    qualifiers: Mapping[str, bool | None]
    lowest_value: Decimal | None = None  # 10^9/L, of a low count under CTCAE 6.0
    peak_value: Decimal | None = None  # of a liver test, in `peak_unit`, as its upper limit of normal is
    peak_unit: str = ""
    peak_uln: Decimal | None = None
    unusual: str = ""  # why an unlikely peak stands
    suspected: bool = False
    delays_cycle_2: bool = False
    doses_missed: bool = False
    serious: bool = False
    serious_criteria: Sequence[str] = ()
    narrative: str = ""
    aware_on: date | None = None
    aware_at: datetime | None = None
    sent_at: datetime | None = None  # to the sponsor; None: not yet

    @property
    def onset(self) -> Partial:
        """As much of it as is known."""
        return Partial(self.onset_on, self.onset_known)

    @property
    def history(self) -> list[Graded]:
        return list(self.steps) or [Graded(self.onset_on, self.grade)]


def worst(steps: Sequence[Graded]) -> int | None:
    """The highest grade that was given."""
    return max((step.grade for step in steps if step.grade is not None), default=None)


def stored(event: AdverseEvent) -> EventReport:
    """An event as it stands, as if it were reported so."""
    history = event.history
    return EventReport(
        term=event.term,
        grade=event.grade,
        steps=history if len(history) > 1 else (),
        onset_on=event.onset_on,
        onset_known=event.onset_known,
        ended_on=event.ended_on,
        outcome=event.outcome,
        specified=event.specified,
        relations={row.drug_id: row.degree for row in event.relations.all() if not row.voided},
        actions={row.drug_id: row.action for row in event.actions.all() if not row.voided},
        qualifiers=event.qualifiers,
        lowest_value=event.lowest_value,
        peak_value=event.peak_value,
        peak_unit=event.peak_unit or "",
        peak_uln=event.peak_uln,
        unusual=event.unusual or "",
        suspected=event.suspected,
        delays_cycle_2=event.delays_cycle_2,
        doses_missed=bool(event.doses_missed),
        serious=event.serious,
        serious_criteria=event.serious_criteria or (),
        narrative=event.narrative or "",
        aware_on=event.aware_on,
        aware_at=event.aware_at,
        sent_at=event.sent_at,
    )
