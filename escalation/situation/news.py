"""What a safety board hears first: deaths and serious events, and whether they were known at an earlier record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from patients.follow_up import queries as follow_up
from patients.follow_up.models import FollowUp
from trial.models import RowImage

from .situation import Situation

DEATHS, EVENTS = "patients_followup", "assessments_adverseevent"


@dataclass(frozen=True, slots=True)
class News:
    """A death, or an event that is serious. `rev`: the record number of its last change."""

    patient: PatientFacts
    rev: int
    death: FollowUp | None = None
    event: EventFacts | None = None
    corrected: bool = False  # it was known at the earlier record, and told otherwise

    @property
    def days_after_stop(self) -> int | None:
        """Of a death, days since treatment ended; None while it went on or none was begun."""
        treatment = getattr(self.patient.patient, "treatment", None)
        if self.death is None or self.death.died_on is None or treatment is None or treatment.stopped_on is None:
            return None
        days: int = (self.death.died_on - treatment.stopped_on).days
        return days


def since(here: Situation, number: int) -> list[News]:
    """Deaths, then serious events, that were not known or were known otherwise at record `number`; by patient."""
    of_patient = {f.patient.pk: f for f in here.facts}
    deaths = [
        News(of_patient[row.patient_id], row.rev, death=row)
        for row in follow_up.of_trial(here.trial.pk)
        if row.died_on and row.rev > number and row.patient_id in of_patient
    ]
    events = [
        News(f, e.event.rev, event=e) for f in here.facts for e in f.events if e.event.serious and e.event.rev > number
    ]
    found = deaths + events
    was = _as_it_was(here.trial.pk, [_row(news) for news in found], number) if found else {}
    return [told for news in found if (told := _told(news, was.get(_row(news)))) is not None]


def _row(news: News) -> UUID:
    row: UUID = news.death.pk if news.death else news.event.event.pk  # type: ignore[union-attr]
    return row


def _told(news: News, was: dict[str, Any] | None) -> News | None:
    """None when the reader knew it then: the row changed in something else."""
    if was is None:
        return news
    if news.death is not None:
        said = (str(news.death.died_on), news.death.death_cause)
        then = (was["died_on"], was["death_cause"])
        known = was["died_on"] is not None
    else:
        assert news.event is not None
        said, then = (str(news.event.event.grade), news.event.event.term), (str(was["grade"]), was["term"])
        known = bool(was["serious"])
    if not known:
        return news
    return None if said == then else News(news.patient, news.rev, news.death, news.event, corrected=True)


def _as_it_was(trial: UUID, rows: Iterable[UUID], number: int) -> dict[UUID, dict[str, Any]]:
    """The last image of each row at record `number`; none of a row that was not there."""
    images = RowImage.objects.filter(
        ledger__trial=trial, table__in=(DEATHS, EVENTS), row__in=list(rows), number__lte=number
    ).order_by("row", "-number", "-seq")
    return {image.row: image.image for image in images.distinct("row")}
