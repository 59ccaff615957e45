"""What a safety board hears first, and whether it was known at an earlier record: deaths and serious events, and the
patients who came in since or count otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from patients.follow_up import queries as follow_up
from patients.follow_up.models import FollowUp
from patients.models import PatientStanding
from trial.models import RowImage

from .situation import Situation

DEATHS, EVENTS, STANDINGS = "patients_followup", "assessments_adverseevent", "patients_patientstanding"


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


@dataclass(frozen=True, slots=True)
class Moved:
    """A patient whose standing was another at the earlier record. Both None: he was not there yet."""

    patient: PatientFacts
    was: str | None  # the outcome, in the engine's words
    dlt: str | None  # "none", "suspected" or "adjudicated"


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


def moved(here: Situation, number: int) -> list[Moved]:
    """Who came in after record `number`, or counted or had a DLT otherwise then; by patient."""
    found = here.read.rows[PatientStanding].values()
    later = {row["patient_id"]: UUID(row["id"]) for row in found if row["rev"] > number}
    was = _as_it_was(here.trial.pk, later.values(), number) if later else {}
    told = []
    for f in here.facts:
        if (row := later.get(str(f.patient.pk))) is None:
            continue
        then = was.get(row, {})
        outcome, dlt = then.get("outcome"), then.get("dlt")
        if (outcome, dlt) != (f.outcome, f.dlt):
            told.append(Moved(f, outcome, dlt))
    return told


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
        ledger__trial=trial, table__in=(DEATHS, EVENTS, STANDINGS), row__in=list(rows), number__lte=number
    ).order_by("row", "-number", "-seq")
    return {image.row: image.image for image in images.distinct("row")}
