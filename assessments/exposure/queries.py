"""How much of each drug the patients of a trial were given, derived on each read from their doses by cycle."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients.dosing import cycles
from patients.dosing.course import Course, Exposure, exposure
from patients.dosing.models import CycleDoses, CycleStart
from patients.follow_up import queries as follow_up
from patients.models import Treatment
from trial.models import Dose


@dataclass(frozen=True, slots=True)
class OfPatient:
    """recorded: by cycle; without, only the totals of the window are known and `drugs` says what is planned."""

    course: Course
    drugs: Mapping[str, Exposure]  # by drug, in the order of the trial's drugs

    @property
    def recorded(self) -> bool:
        return self.course.recorded

    @property
    def last_dose_on(self) -> date | None:
        """Of any drug."""
        return max((one.last_on for one in self.drugs.values() if one.last_on), default=None)


def recorded(patients: Collection[UUID]) -> list[UUID]:
    """Which of these have a cycle from the third on, or doses by cycle."""
    of = {"patient__in": list(patients), "voided": False}
    begun, given = (model.objects.filter(**of).values_list("patient", flat=True) for model in (CycleStart, CycleDoses))
    return list(begun.order_by().union(given.order_by()))


def courses(trial: UUID, patients: Collection[UUID] | None = None) -> dict[UUID, Course]:
    """Of every dosed patient, or of these, by patient: five queries, however many there are."""
    planned: dict[UUID, list[Dose]] = {}
    for dose in Dose.objects.filter(trial=trial, voided=False).select_related("drug").order_by("drug__position"):
        planned.setdefault(dose.dose_level_id, []).append(dose)
    treatments = Treatment.objects.filter(trial=trial, voided=False).select_related("protocol", "patient__follow_up")
    if patients is not None:
        treatments = treatments.filter(patient__in=patients)
    rows = cycles.of_patients(trial=trial) if patients is None else cycles.of_patients(list(patients))
    return {
        row.patient_id: cycles.course(
            row, planned.get(row.received_level_id, []), rows.get(row.patient_id, cycles.NONE)
        ).until(follow_up.died_on(row.patient))
        for row in treatments
    }


def of_course(course: Course, cut: date) -> OfPatient:
    """The exposure of a dosed patient to the cut."""
    return OfPatient(course, {drug: exposure(course, drug, cut) for drug in course.plans})
