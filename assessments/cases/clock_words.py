"""A clock in words: when it began, how it stands, when its time is over, each by the calendar of who owes it."""

from datetime import date, datetime, timedelta

from trial import dates, instants
from trial.clock import clinical_date

from .case import Case
from .clocks import Clock, Kind

BY_DAY = "from the day's start, time not recorded"
BY_ENTRY = "when it was entered, awareness not recorded"


def began(case: Case, clock: Clock, zone: str) -> str:
    if clock.by_day:
        return f"{dates.shown(clinical_date(clock.started_at, zone))}: {BY_DAY}"
    said = instants.shown(clock.started_at, zone)
    by_entry = clock.kind is Kind.SITE and clock.number == 1 and case.entered_at is not None
    return f"{said}: {BY_ENTRY}" if by_entry else said


def state(clock: Clock, now: datetime, zone: str) -> tuple[str, str]:
    if clock.stopped_at is not None:
        return f"stopped on {instants.shown(clock.stopped_at, zone)}: nothing is owed any more", ""
    late = clock.late(now)
    if clock.met_at is not None:
        at = instants.shown(clock.met_at, zone)
        return (f"late: done on {at}", "red") if late else (f"kept: done on {at}", "green")
    if late:
        return "overdue", "red"
    return ("more than half is over", "amber") if now >= clock.half_at else ("runs", "")


def due(clock: Clock, zone: str) -> str:
    """The last moment, or the last day of a clock that counts days."""
    if clock.rule.hours:
        return instants.shown(clock.due_at, zone)
    return f"end of {dates.shown(last_day(clock, zone))}"


def last_day(clock: Clock, zone: str) -> date:
    """A clock of days ends at the midnight after it."""
    return clinical_date(clock.due_at if clock.rule.hours else clock.due_at - timedelta(seconds=1), zone)


def zone(case: Case, clock: Clock) -> str:
    return case.patient.site.time_zone if clock.kind is Kind.SITE else case.zone
