"""A case as it is read: the event, what was news of it, what was submitted, and the clocks that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from patients.models import Patient

from ..events.expected import Expectedness
from ..events.models import SponsorAssessment
from ..models import AdverseEvent
from . import clocks
from .clocks import Clock, News, Report, Submission
from .models import CaseDetails, CaseLateness, CaseNews, CaseSubmission
from .standing import Standing


@dataclass(frozen=True)
class Timed:
    """A clock, and why it was not kept."""

    clock: Clock
    lateness: CaseLateness | None


@dataclass(frozen=True)
class Case:
    """zone: of the trial's calendar, which is the sponsor's."""

    event: AdverseEvent
    zone: str
    news: Sequence[CaseNews]  # what was taken back is not among it
    submissions: Sequence[CaseSubmission]
    lateness: Mapping[tuple[str, int], CaseLateness]
    stands: Standing
    drugs: Sequence[str]  # of the trial
    expected: Expectedness

    @property
    def patient(self) -> Patient:
        return self.event.patient

    @property
    def level(self) -> str:
        """The label of the level that the patient received; "" before the first dose."""
        row = getattr(self.patient, "treatment_row", None)
        return "" if row is None or row.voided else row.received_level.label

    @property
    def code(self) -> str:
        return f"SAE {self.event.number}"

    @property
    def details(self) -> CaseDetails | None:
        return getattr(self.event, "details", None)

    @property
    def sponsor(self) -> SponsorAssessment | None:
        """The sponsor's assessment, if there is one."""
        return getattr(self.event, "sponsor", None)

    @property
    def follow_ups(self) -> list[CaseNews]:
        return [row for row in self.news if row.by_site and row.number > 1]

    @property
    def unaware(self) -> CaseNews | None:
        """The first news that made the case graver and of which the site has not said when it learned it.

        By a change of the event, which does not ask for it; its 24 hours cannot be told before.
        """
        graver = (now for before, now in pairwise(self.news) if now.by_site and now.standing.graver(before.standing))
        return next((row for row in graver if row.aware_at is None), None)

    @property
    def received_at(self) -> datetime | None:
        """Day 0 of the first report: when the sponsor received it, or was told while that is not recorded."""
        return self.event.received_at or self.event.sent_at

    @property
    def entered_at(self) -> datetime | None:
        """When it was entered as serious: the site was aware by then, where no day of it is recorded."""
        first = self.news[0] if self.news else None
        return first.since if first is not None and first.number == 1 and self.event.aware_on is None else None

    @property
    def serious_until(self) -> datetime | None:
        last = self.news[-1] if self.news else None
        return last.since if last is not None and not last.serious else None

    @property
    def last(self) -> CaseNews | None:
        return self.news[-1] if self.news else None

    @cached_property
    def clocks(self) -> list[Timed]:
        """The site's first, then the sponsor's, each in the order in which they began."""
        found = [*clocks.of_site(self._reports(), self.serious_until), *self._to_authority()]
        return [Timed(clock, self.lateness.get((clock.kind, clock.number))) for clock in found]

    @property
    def next_due(self) -> datetime | None:
        """Of the clocks that run the one that is over first."""
        return min((timed.clock.due_at for timed in self.clocks if timed.clock.running), default=None)

    def reason_owed(self, timed: Timed, now: datetime) -> bool:
        return timed.lateness is None and timed.clock.late(now)

    def _reports(self) -> list[Report]:
        event, found = self.event, []
        if event.aware_at is not None:
            found.append(Report(1, event.aware_at, event.sent_at))
        elif event.aware_on is not None and event.serious_criteria is not None:
            start = clocks.began(event.aware_on, self.patient.site.time_zone)
            found.append(Report(1, start, event.sent_at, by_day=True))
        elif (entered := self.entered_at) is not None:
            found.append(Report(1, entered, event.sent_at))
        told = ((row, row.aware_at) for row in self.follow_ups if row.serious)
        return found + [Report(row.number, aware, row.reported_at or row.since) for row, aware in told if aware]

    def _to_authority(self) -> list[Clock]:
        """Nothing is owed before the sponsor was told of the case: what was recorded until then is known with that."""
        if self.received_at is None:
            return []
        submitted = [Submission(row.contains, row.submitted_at, row.complete) for row in self.submissions]
        return clocks.of_authority(self._known(self.received_at), submitted, self.zone)

    def _known(self, first: datetime) -> list[News]:
        """What was recorded before the first receipt was known with it: the case as it stood then is its first news.

        The first report is what the sponsor received, also where its event was entered only after that.
        """
        early = [row for row in self.news if row.number == 1 or row.since <= first]
        found, received = [], first
        for row in self.news[max(0, len(early) - 1) :]:
            if row.by_site and row not in early:
                received = max(first, row.received_at or row.reported_at or row.since)
            found.append(
                News(
                    1 if row in early else row.number,
                    max(received, row.since),
                    received,
                    serious=row.serious,
                    unexpected=row.unexpected,
                    related=row.related_by_site or row.related_by_sponsor,
                    fatal=row.fatal,
                    life_threatening=row.life_threatening,
                )
            )
        return found
