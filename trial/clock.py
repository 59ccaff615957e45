"""The clock that services read. Only a simulated trial may be given another time than now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let services see `moment` as now. Actions of a trial that is not simulated refuse to run inside."""
    if moment.tzinfo is None:
        raise ValueError("moment needs a time zone")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def now(*, simulated: bool) -> datetime:
    """The present instant in UTC, or the one set by `at` for a simulated trial."""
    moment = _moment.get()
    if moment is None:
        return datetime.now(UTC)
    if not simulated:
        raise RuntimeError("the simulated clock was set around a trial that is not simulated")
    return moment.astimezone(UTC)


def of_database() -> datetime:
    """The present instant by the database's clock: one for all processes, whatever their hosts' clocks say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def is_zone(name: str) -> bool:
    """Whether there is such a time zone, like Europe/Vienna."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a path that is none
        return False
    return True


def clinical_date(moment: datetime, time_zone: str) -> date:
    """The calendar date at `moment` where the trial (or site) is."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


@dataclass(frozen=True, slots=True)
class Today:
    """What day it is, in the trial and at each of its sites (docs/domain.md, section 5, "Days").

    Decisions go by the trial's day, facts by that of their site. moment: None where a day is known without its hour; it
    is then the day of every site.
    """

    on: date
    moment: datetime | None = None

    def at(self, time_zone: str) -> date:
        """Today at a site, by its `time_zone`."""
        return self.on if self.moment is None else clinical_date(self.moment, time_zone)


def today(moment: datetime, time_zone: str) -> Today:
    """What day it is at `moment`, for a trial in `time_zone`."""
    return Today(clinical_date(moment, time_zone), moment)


def day(on: date | Today) -> Today:
    """A date alone is the day of the trial and of every site."""
    return on if isinstance(on, Today) else Today(on)
