"""On which days a fact of a patient may lie (docs/domain.md, section 5, "Days")."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Subquery

from trial import dates
from trial.dates import shown
from trial.models import ProtocolVersion, Site
from trial.record.ledger import Act
from trial.refusals import Refused

from .models import Cohort, Patient

HISTORY = date(dates.FIRST, 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """Of one site: its today, and the first day of the trial's facts, a year before `written`."""

    today: date
    written: date | None  # the first version of the protocol; None before it
    since: str = "the first version of its protocol"  # or, of a trial brought in, what was decided before it

    @property
    def first(self) -> date:
        if self.written is None:
            return HISTORY
        leap_day = (self.written.month, self.written.day) == (2, 29)
        return self.written.replace(year=self.written.year - 1, day=28 if leap_day else self.written.day)

    def check(self, on: date | None, label: str, *, field: str, history: bool = False) -> None:
        """Refuse a day that has not begun at the site, or that lies before the bounds.

        history: what happened before the trial, and what is of no part of it, has none but 1900.
        """
        if on is None:
            return
        if on > self.today:
            raise Refused(f"{label}: {shown(on)} is in the future.", field=field)
        if on < HISTORY:
            raise Refused(f"{label}: {shown(on)} is before {dates.FIRST}; no date here is older.", field=field)
        if not history and on < self.first:
            assert self.written
            raise Refused(
                f"{label}: {shown(on)} is too early. Facts of the trial begin a year before {self.since} "
                f"({shown(self.written)}), on {shown(self.first)}.",
                field=field,
            )


def at(act: Act, site: UUID) -> Days:
    """Of the site of a patient or slot, at the moment of the action."""
    first = ProtocolVersion.objects.filter(trial=OuterRef("trial")).order_by("number").values("written_on")[:1]
    paper = Cohort.objects.filter(trial=OuterRef("trial"), paper_on__isnull=False, voided=False).order_by("paper_on")
    zone, written, on_paper = Site.objects.values_list(
        "time_zone", Subquery(first), Subquery(paper.values("paper_on")[:1])
    ).get(pk=site)
    if on_paper and (written is None or on_paper < written):
        return Days(act.today.at(zone), on_paper, "its first decision on paper")
    return Days(act.today.at(zone), written)


def within_life(patient: Patient, on: date, label: str, *, field: str) -> None:
    """Refuse what is dated after the patient's death."""
    known = getattr(patient, "follow_up", None)
    if known and known.died_on and known.died_on < on:
        raise Refused(f"{label}: {shown(on)} is after the patient's death ({shown(known.died_on)}).", field=field)
