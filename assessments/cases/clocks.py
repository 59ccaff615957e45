"""The clocks of a serious event: when it must be told to whom. Pure (docs/domain.md, section 6).

Sources: ICH E2A, section III.B (7 calendar days, 8 more, 15); 21 CFR 312.32(c)(1) and (2) (from the sponsor's
receipt); Regulation (EU) 536/2014, article 42(2), whose letter (c) gives a case that turns out fatal or
life-threatening a time of its own from the day on which the sponsor learned that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    SITE = "site"  # the site's report to the sponsor
    SEVEN = "seven"  # the sponsor's to the authority, of a fatal or life-threatening case
    COMPLETE = "complete"  # what follows that one, as complete as it can be
    FIFTEEN = "fifteen"  # the sponsor's to the authority, of any other case


@dataclass(frozen=True, slots=True)
class Rule:
    """One clock. `hours` are the same everywhere; `days` are those of the sponsor's calendar, the receipt's is 0."""

    kind: Kind
    what: str
    within: str
    hours: int = 0
    days: int = 0


RULES = {
    rule.kind: rule
    for rule in (
        Rule(Kind.SITE, "Site to sponsor", "24 hours after the site became aware", hours=24),
        Rule(Kind.SEVEN, "Sponsor to authority, 7 days", "7 days after the receipt, day 0", days=7),
        Rule(Kind.COMPLETE, "Complete report to authority", "8 days after those 7", days=15),
        Rule(Kind.FIFTEEN, "Sponsor to authority, 15 days", "15 days after the receipt, day 0", days=15),
    )
}


@dataclass(frozen=True, slots=True)
class News:
    """How a case stood from a moment on: by a report of the site, or by an assessment of the sponsor.

    received_at: when the sponsor received the report that it stands on, day 0 of what begins with it.
    """

    number: int
    since: datetime
    received_at: datetime
    serious: bool
    unexpected: bool
    related: bool  # at least possibly, by the investigator or the sponsor; a missing answer counts as related
    fatal: bool = False
    life_threatening: bool = False

    @property
    def expedited(self) -> bool:
        """Whether the authority is told of it in days."""
        return self.serious and self.unexpected and self.related

    @property
    def gravity(self) -> int:
        return 2 if self.fatal else int(self.life_threatening)


@dataclass(frozen=True, slots=True)
class Report:
    """What the site told, or owes, the sponsor. by_day: of awareness only the day is recorded, `aware_at` begins it."""

    number: int
    aware_at: datetime
    reported_at: datetime | None = None
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """A report to the authority. covers: the number of the last news in it."""

    covers: int
    at: datetime
    complete: bool = False  # as complete as it can be: no other need follow


@dataclass(frozen=True, slots=True)
class Clock:
    """One time to keep. number: of the report or news that began it. by_day: it began at an hour that is not recorded.

    `due_at` of a site's clock is its last moment; of the others, the midnight at which their last day is over.
    """

    kind: Kind
    number: int
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    stopped_at: datetime | None = None  # what it was for fell away before it had run out
    by_day: bool = False

    @property
    def rule(self) -> Rule:
        return RULES[self.kind]

    @property
    def half_at(self) -> datetime:
        return self.started_at + (self.due_at - self.started_at) / 2

    @property
    def running(self) -> bool:
        return self.met_at is None and self.stopped_at is None

    def late(self, now: datetime) -> bool:
        """Whether it was not kept, or has run out by now. One that was stopped in time is not late."""
        if self.stopped_at is not None:
            return False
        return self.over(self.met_at or now)

    def over(self, at: datetime) -> bool:
        """Whether its time is over at a moment."""
        return at > self.due_at if self.rule.hours else at >= self.due_at


def began(on: date, zone: str) -> datetime:
    """The first instant of a day: whoever became aware on it without an hour may have been then."""
    return datetime.combine(on, time.min, ZoneInfo(zone)).astimezone(UTC)


def of_site(reports: Iterable[Report], serious_until: datetime | None = None) -> list[Clock]:
    """One for each report. serious_until: when the event was found not to be serious, and nothing was owed any more."""
    found = []
    for report in reports:
        due = report.aware_at.astimezone(UTC) + timedelta(hours=RULES[Kind.SITE].hours)
        clock = Clock(Kind.SITE, report.number, report.aware_at, due, report.reported_at, by_day=report.by_day)
        found.append(clock if serious_until is None else _stopped(clock, serious_until))
    return found


def of_authority(news: Iterable[News], submissions: Iterable[Submission], zone: str) -> list[Clock]:
    """What the sponsor owes or owed the authority, in the order in which it began.

    What makes a case one to be told, or graver than it was, begins a clock of its own. What takes that away stops those
    that have not run out. zone: of the sponsor's calendar.
    """
    sent = sorted(submissions, key=lambda submission: submission.at)
    found: list[Clock] = []
    before: News | None = None
    spell = 0  # where in `found` the clocks of this time as a case to be told begin

    def begin(kind: Kind, number: int, received_at: datetime) -> None:
        due = last_day_over(received_at, RULES[kind].days, zone)
        met = (s.at for s in sent if s.covers >= number and (s.complete or kind is not Kind.COMPLETE))
        found.append(Clock(kind, number, received_at, due, next(met, None)))

    for now in sorted(news, key=lambda one: (one.since, one.number)):
        if not now.expedited:
            found = [_stopped(clock, now.since) for clock in found]
            before, spell = None, len(found)
            continue
        was = before.gravity if before else 0
        if now.gravity > was:
            begin(Kind.SEVEN, now.number, now.received_at)
            begin(Kind.COMPLETE, now.number, now.received_at)
        elif before is None:
            begin(Kind.FIFTEEN, now.number, now.received_at)
        elif was and not now.gravity:
            first = found[spell].started_at
            found = [*found[:spell], *_less_grave(found[spell:], now.since)]
            if not any(clock.stopped_at is None for clock in found[spell:]):
                begin(Kind.FIFTEEN, now.number, first)
        before = now
    return found


def last_day_over(received_at: datetime, days: int, zone: str) -> datetime:
    """The midnight that ends the last of so many calendar days; the day of the receipt is day 0."""
    calendar = ZoneInfo(zone)
    after = received_at.astimezone(calendar).date() + timedelta(days=days + 1)
    return datetime.combine(after, time.min, calendar).astimezone(UTC)


def _stopped(clock: Clock, at: datetime) -> Clock:
    """Stopped, if it was neither kept nor over by then."""
    if clock.stopped_at is not None or clock.over(at) or (clock.met_at is not None and clock.met_at <= at):
        return clock
    return replace(clock, met_at=None, stopped_at=at)


def _less_grave(clocks: Sequence[Clock], at: datetime) -> list[Clock]:
    """The seven days of a case that is not fatal or life-threatening any more are stopped with what would follow them.

    Where those were kept or had run out, the complete report is owed all the same.
    """
    found = [_stopped(clock, at) if clock.kind is Kind.SEVEN else clock for clock in clocks]
    gone = {clock.number for clock in found if clock.kind is Kind.SEVEN and clock.stopped_at is not None}
    return [_stopped(clock, at) if clock.kind is Kind.COMPLETE and clock.number in gone else clock for clock in found]
