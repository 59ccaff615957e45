"""Everybody who was screened or enrolled, each with the identifier that all data sets share, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments.tables import queries as tables
from assessments.tables.rows import Treated
from patients.follow_up.models import FollowUp
from patients.models import Consent, Patient, Slot, Treatment
from patients.screening.models import Screening
from trial.dates import study_day
from trial.models import DoseLevel, Trial

from .definition import Source

SCREENED = "SCR"  # stands before the number of who was screened and not enrolled
LONGEST = 85  # of an identifier: the trial's code, SCR and a screening number


@dataclass(frozen=True, slots=True)
class Subject:
    """patient None: screened, and not enrolled. screening None: enrolled before screenings were recorded."""

    usubjid: str
    subjid: str
    site: str
    patient: Patient | None
    screening: Screening | None
    consents: Sequence[Consent]  # every one in the order of entry, taken back ones too
    treated: Treated | None = None

    @property
    def first_dose(self) -> date | None:
        return self.treated.first_dose if self.treated else None

    @property
    def country(self) -> str | None:
        """Of the site, as far as it is recorded."""
        of = self.patient or self.screening
        return (of.site.country or None) if of else None

    @property
    def consented(self) -> date | None:
        """The first day on which he signed a consent to the trial."""
        signed = [row.given_on for row in self.consents if row.kind == Consent.Kind.TRIAL and not row.voided]
        return min(signed, default=None)

    @property
    def last_dose(self) -> date | None:
        """Of any study drug, as far as it is known, once treatment has ended."""
        return self.treated.last_dose if self.treated and self.treated.stopped else None

    @property
    def follow_up(self) -> FollowUp | None:
        found: FollowUp | None = getattr(self.patient, "follow_up", None)
        return None if found is None or found.voided else found

    @property
    def died(self) -> date | None:
        return self.follow_up.died_on if self.follow_up else None

    @property
    def treatment(self) -> Treatment | None:
        return getattr(self.patient, "treatment", None)

    @property
    def pk(self) -> UUID:
        """Of the patient."""
        assert self.patient is not None
        return self.patient.pk

    @property
    def number(self) -> int:
        assert self.patient is not None
        return self.patient.number

    @property
    def received(self) -> UUID:
        """The dose level of the first dose, of who had one."""
        assert self.treatment is not None
        return self.treatment.received_level_id

    def day(self, on: date | None) -> int | None:
        """The study day, None before the first dose is recorded; there is no day 0."""
        return study_day(on, self.first_dose) if on and self.first_dose else None


def usubjid(trial: Trial, number: int) -> str:
    return f"{trial.code}-{number:03d}"


def patients(source: Source) -> list[Subject]:
    """Whoever was enrolled, in the order of the identifier."""
    trial = source.trial.pk
    consents = _consents(trial)
    treated = {one.number: one for one in tables.treated(trial, source.today)}
    found = [
        Subject(
            usubjid(source.trial, one.number), one.code, one.site.code, one, one.slot.screening,
            consents.get(one.slot_id, []), treated.get(one.number),
        )
        for one in _enrolled(trial)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.usubjid)


def _enrolled(trial: UUID) -> Iterator[Patient]:
    rows = Patient.objects.filter(trial=trial, voided=False).select_related(
        "site", "slot__screening", "cohort__dose_level", "treatment_row__received_level", "follow_up"
    )
    return rows.iterator()


def screened(source: Source, enrolled: Sequence[Subject]) -> list[Subject]:
    """Whoever was screened and not enrolled, in the order of the identifier, which comes after those of patients."""
    trial = source.trial
    known = {one.screening.pk for one in enrolled if one.screening}
    rows = Screening.objects.filter(trial=trial, voided=False).exclude(pk__in=known)
    consents, slots = _consents(trial.pk), _slots(trial.pk)
    found = []
    for row in rows.select_related("site", "criterion__version"):
        signed = [consent for slot in slots.get(row.pk, ()) for consent in consents.get(slot, ())]
        code = f"{SCREENED}-{row.number}"
        signed.sort(key=lambda consent: consent.pk)
        found.append(Subject(f"{trial.code}-{code}", code, row.site.code, None, row, signed))
    return sorted(found, key=lambda one: one.usubjid)


def _slots(trial: UUID) -> Mapping[UUID, list[UUID]]:
    """The slots that were asked for each screening."""
    found: dict[UUID, list[UUID]] = {}
    rows = Slot.objects.filter(trial=trial, voided=False, screening__isnull=False).values_list("screening", "pk")
    for screening, slot in rows:
        if screening:
            found.setdefault(screening, []).append(slot)
    return found


def _consents(trial: UUID) -> Mapping[UUID, list[Consent]]:
    """By slot."""
    found: dict[UUID, list[Consent]] = {}
    for row in Consent.objects.filter(trial=trial).order_by("pk"):
        found.setdefault(row.slot_id, []).append(row)
    return found


def arms(trial: UUID) -> Mapping[UUID, tuple[str, str]]:
    """Code and name of each dose level. A code has at most 20 characters; a longer label is cut and numbered."""
    found = {}
    for k, level in enumerate(DoseLevel.objects.filter(trial=trial, voided=False).order_by("pk"), 1):
        found[level.pk] = (level.label if len(level.label) <= 20 else f"{level.label[:15].strip()} #{k}", level.label)
    return found
