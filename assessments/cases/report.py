"""The case report: the fields of CIOMS I, filled from the record. What the record does not hold is said to be open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patients import queries as patients
from patients.follow_up import queries as follow_up
from patients.models import Treatment
from trial import dates, instants
from trial.clock import clinical_date
from trial.models import Trial
from trial.queries import protocol

from ..event_words import Action, Criterion
from ..exposure import queries as exposures
from . import page, therapy
from .case import Case
from .models import CaseDetails

OPEN = "not recorded"
BOXES = {  # 8-12 of the form, and those that came to it later
    Criterion.DEATH: "Patient died",
    Criterion.LIFE_THREATENING: "Life-threatening",
    Criterion.HOSPITALISATION: "Involved or prolonged inpatient hospitalisation",
    Criterion.DISABILITY: "Involved persistent or significant disability or incapacity",
    Criterion.ANOMALY: "Congenital anomaly or birth defect",
    Criterion.IMPORTANT: "Other medically important condition",
}


@dataclass(frozen=True, slots=True)
class Field:
    number: str
    label: str
    text: str
    wide: bool = False

    @property
    def open(self) -> bool:
        return self.text == OPEN


@dataclass(frozen=True, slots=True)
class Suspect:
    """14-21 of one drug."""

    drug: str
    dose: str
    dates: str
    action: str
    site: str
    sponsor: str
    differs: bool


def cioms(trial: Trial, case: Case, now: datetime) -> Mapping[str, Any]:
    details, event, site = case.details or CaseDetails(), case.event, case.patient.site
    reported = max((row.number for row in case.news if row.by_site), default=1)
    return {
        "reaction": [
            Field("1", "Patient initials", f"patient {case.patient.code}; initials are not kept here"),
            Field("1a", "Country", f"{site.country or OPEN}; site {site.code}, {site.name}"),
            Field("2", "Date of birth", "not kept here"),
            Field("2a", "Age", f"{details.age} years" if details.age is not None else OPEN),
            Field("3", "Sex", details.get_sex_display().lower() or OPEN),
            Field("4-6", "Reaction onset", event.onset.shown),
        ],
        "boxes": [(label, one in (event.serious_criteria or ())) for one, label in BOXES.items()],
        "described": [
            Field("7", "Reaction", f"{event.title} (CTCAE: {event.term}, {event.graded}; {event.soc})", wide=True),
            Field("7", "What happened", event.narrative or OPEN, wide=True),
            Field("7", "Outcome", _outcome(case), wide=True),
            Field("13", "Relevant tests and laboratory data", details.tests or OPEN, wide=True),
        ],
        "suspects": _suspects(case, now),
        "drugs": [
            Field("16", "Route of administration", _routes(trial)),
            Field("17", "Indication", trial.disease or OPEN),
            Field("20", "Did the reaction abate after stopping?", details.get_abated_display().lower() or OPEN),
            Field("21", "Did it reappear after reintroduction?", details.get_reappeared_display().lower() or OPEN),
        ],
        "history": [
            Field("22", "Concomitant drugs and dates", details.concomitant or OPEN, wide=True),
            Field("23", "Other relevant history", details.medical_history or OPEN, wide=True),
        ],
        "manufacturer": [
            Field("24a", "Sponsor", f"{_sponsor(trial)}; trial {trial.code}, {trial.title}"),
            Field("24b", "Control number", f"{trial.code}-{event.code.replace(' ', '')}"),
            Field("24c", "Date received", _received(case)),
            Field("24d", "Report source", "study"),
            Field("25a", "Report type", "initial" if reported == 1 else f"follow-up, news up to {reported}"),
            Field("", "Date of this report", dates.shown(clinical_date(now, case.zone))),
        ],
        "follow_ups": [(row.number, instants.shown(row.told_at, case.zone), row.text) for row in case.follow_ups],
        "expectedness": page.expectedness(case),
        "label": trial.label,
    }


def _received(case: Case) -> str:
    """Of what this report tells last; and of the case, day 0 of its clocks."""
    if case.received_at is None:
        return OPEN
    first, news = instants.shown(case.received_at, case.zone), case.follow_ups
    if not news:
        return first
    last = max(case.received_at, *(row.received_at or row.told_at for row in news))
    return f"{instants.shown(last, case.zone)}; of the first report {first}"


def _routes(trial: Trial) -> str:
    """Of each drug by the protocol in force, as far as it says."""
    in_force = protocol(trial.pk)
    said = in_force.settings.routes if in_force else None
    return "; ".join(said) if said else OPEN


def _sponsor(trial: Trial) -> str:
    if trial.sponsor is None:
        return OPEN
    return f"{trial.sponsor}, {trial.sponsor_address or f'address {OPEN}'}"


def _outcome(case: Case) -> str:
    event = case.event
    said = page.outcome(event)
    ended = f", ended on {dates.shown(event.ended_on)}" if event.ended_on else ""
    died = follow_up.died_on(case.patient)
    return f"{said}{ended}{f'; the patient died on {dates.shown(died)}' if died else ''}"


def _suspects(case: Case, now: datetime) -> Sequence[Suspect]:
    """Every drug of the study that the patient had, with both views of it."""
    event, patient = case.event, case.patient
    treatment: Treatment | None = getattr(patient, "treatment", None)
    doses = dict(patients.dose_card(treatment.received_level_id)) if treatment else {}
    actions = {one.drug.name: Action(one.action).label.lower() for one in event.actions.all() if not one.voided}
    course = exposures.courses(patient.trial_id, [patient.pk]).get(patient.pk)
    given = exposures.of_course(course, clinical_date(now, patient.site.time_zone)) if course else None
    stopped = treatment.stopped_on if treatment else None
    return [
        Suspect(
            drug, therapy.dose(doses.get(drug, OPEN), given, drug, event.onset_on),
            therapy.dates_of(given, drug, stopped) or OPEN, actions.get(drug, OPEN), site, sponsor, differs,
        )
        for drug, site, sponsor, differs in page.relations(case)
    ]  # fmt: skip
