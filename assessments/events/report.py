"""What a reporter says of an adverse event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from trial.dates import Partial


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """What a reporter says of an event. relations: degree by drug id; a missing drug is a missing answer."""

    term: str
    grade: int
    onset_on: date  # the earliest day, where the day is not known
    onset_known: str | None = None  # "month" or "year"; None: the day
    ended_on: date | None = None
    specified: str = ""
    relations: Mapping[UUID, str]
    qualifiers: Mapping[str, bool | None]
    lowest_value: Decimal | None = None  # 10^9/L, of a low count under CTCAE 6.0
    suspected: bool = False
    delays_cycle_2: bool = False
    doses_missed: bool = False
    serious: bool = False
    aware_on: date | None = None

    @property
    def onset(self) -> Partial:
        """As much of it as is known."""
        return Partial(self.onset_on, self.onset_known)
