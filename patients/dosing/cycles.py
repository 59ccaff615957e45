"""The rows of a patient's doses by cycle, and the course that is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from trial import protocol_settings
from trial.models import Dose, Drug, ProtocolVersion
from trial.protocol_settings import ProtocolSettings

from ..models import Treatment
from .course import Change, Course, Cycle, Plan, Said, State
from .models import CycleDoses, CycleStart, DoseDay


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one patient, those that were not taken back."""

    starts: Sequence[CycleStart] = ()
    doses: Sequence[CycleDoses] = ()  # with their drugs
    days: Sequence[DoseDay] = ()  # with their drugs

    def of_cycle(self, number: int) -> list[CycleDoses | DoseDay]:
        return [*(row for row in self.doses if row.cycle == number), *(row for row in self.days if row.cycle == number)]


NONE = Rows()


def of_patient(patient: UUID) -> Rows:
    return of_patients([patient]).get(patient, NONE)


def of_patients(patients: Sequence[UUID] | None = None, *, trial: UUID | None = None) -> dict[UUID, Rows]:
    """By patient, of those named or of a whole trial: three queries, however many."""
    which = {"patient__in": list(patients)} if patients is not None else {"trial": trial}
    return grouped(
        list(CycleStart.objects.filter(voided=False, **which)),
        list(CycleDoses.objects.filter(voided=False, **which).select_related("drug")),
        list(DoseDay.objects.filter(voided=False, **which).select_related("drug")),
    )


def grouped(starts: Sequence[CycleStart], doses: Sequence[CycleDoses], days: Sequence[DoseDay]) -> dict[UUID, Rows]:
    found: dict[UUID, tuple[list[CycleStart], list[CycleDoses], list[DoseDay]]] = {}
    for start in starts:
        found.setdefault(start.patient_id, ([], [], []))[0].append(start)
    for dose in doses:
        found.setdefault(dose.patient_id, ([], [], []))[1].append(dose)
    for day in days:
        found.setdefault(day.patient_id, ([], [], []))[2].append(day)
    return {patient: Rows(*rows) for patient, rows in found.items()}


def course_of(row: Treatment) -> Course:
    """The course of one patient as it stands now."""
    planned = Dose.objects.filter(dose_level=row.received_level_id, voided=False).select_related("drug")
    return course(row, list(planned), of_patient(row.patient_id))


def course(
    treatment: Treatment, planned: Sequence[Dose], rows: Rows, settings: ProtocolSettings | None = None
) -> Course:
    """planned: the doses of the level received, with their drugs. settings: of the patient's version, where known."""
    settings = settings or protocol_settings.from_json(treatment.protocol.settings)
    begun = {1: treatment.first_dose_on, **({2: treatment.cycle2_on} if treatment.cycle2_on else {})}
    begun |= {start.number: start.began_on for start in rows.starts}
    changes: dict[tuple[int, str], dict[int, Change]] = {}
    for day in rows.days:
        changes.setdefault((day.cycle, day.drug.name), {})[day.day] = change(day)
    said: dict[int, dict[str, Said]] = {}
    for dose in rows.doses:
        name = dose.drug.name
        said.setdefault(dose.cycle, {})[name] = Said(dose.last_day, changes.get((dose.cycle, name), {}))
    return Course(
        cycle_days=settings.cycle_days,
        plans=plans(planned, settings.cycle_days),
        cycles=[Cycle(number, begun[number], said.get(number, {})) for number in sorted(begun)],
        ended_on=treatment.stopped_on,
    )


def change(row: DoseDay) -> Change:
    state: State = row.state  # type: ignore[assignment]
    return Change(row.day, state, row.taken, row.because, row.event_id, row.note)


def plans(planned: Sequence[Dose], cycle_days: int) -> Mapping[str, Plan]:
    """By drug, of those whose schedule is data."""
    return {
        dose.drug.name: Plan(dose.amount * dose.times, frozenset(dose.days), dose.unit or "mg", dose.times)
        for dose in planned
        if dose.days and dose.times and dose.amount and max(dose.days) <= cycle_days
    }


def steps(drug: Drug) -> list[Decimal]:
    """The daily amounts to which a drug is reduced, highest first: as the protocol in force says, else its levels'."""
    versions = ProtocolVersion.objects.filter(trial=drug.trial_id, voided=False).order_by("-number")
    in_force = versions.values_list("settings", flat=True).first()
    if in_force and (said := protocol_settings.from_json(in_force).reductions.get(drug.name)):
        return list(said)
    known = Dose.objects.filter(drug=drug, voided=False, amount__isnull=False, times__isnull=False)
    return sorted({dose.amount * dose.times for dose in known if dose.amount and dose.times}, reverse=True)
