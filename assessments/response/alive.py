"""Every record of a day on which a patient was alive: what OS ends at while nobody died (docs/domain.md, section 8).

Contact, new therapy and death stand in the follow-up; the days of assessments come from them (assessments/times.py).
What happened on a known day counts: not a visit at which nothing was done, nor a day on which a form was filled in.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from assessments.times import Alive
from patients.dosing.course import last_taken
from patients.models import Patient, Treatment

from ..exposure import queries as exposures
from ..models import AdverseEvent
from .assembly import Taken

FATAL = 5


def of_patients(patients: Sequence[Patient]) -> dict[UUID, list[Alive]]:
    """Of patients of one trial their events, sBCMA samples and doses by cycle: a flat number of queries."""
    if not patients:
        return {}
    trial = patients[0].trial_id
    found: dict[UUID, list[Alive]] = {}
    events = AdverseEvent.objects.filter(trial=trial, patient__in=patients, voided=False).order_by("number")
    for patient, number, grade, onset, end in events.values_list("patient", "number", "grade", "onset_on", "ended_on"):
        days = found.setdefault(patient, [])
        days.append(Alive(onset, f"onset of AE {number}"))
        if end and grade != FATAL:  # a fatal event ends with the patient
            days.append(Alive(end, f"end of AE {number}"))
    by_cycle = exposures.recorded([patient.pk for patient in patients])
    for patient, course in exposures.courses(trial, by_cycle).items() if by_cycle else ():
        days = found.setdefault(patient, [])
        # Cycle 2 is a fact of the treatment.
        days += [
            Alive(cycle.began_on, f"first day of cycle {cycle.number}") for cycle in course.cycles if cycle.number > 2
        ]
        if last := last_taken(course):
            days.append(Alive(last, "last dose taken"))
    # After a withdrawal a sample stands in no later analysis, this one either.
    samples = Patient.objects.filter(
        trial=trial,
        pk__in=[patient.pk for patient in patients],
        biomarker_samples__voided=False,
        biomarker_samples__consent__withdrawn_on=None,
    )
    for patient, on in samples.values_list("pk", "biomarker_samples__taken_on").order_by("biomarker_samples__taken_on"):
        found.setdefault(patient, []).append(Alive(on, "sBCMA sample"))
    return found


def of_treatment(treatment: Treatment) -> list[Alive]:
    """The ends of treatment and the start of cycle 2; totals of doses over the window are without days."""
    known = [(treatment.cycle2_on, "first dose of cycle 2"), (treatment.stopped_on, "end of treatment")]
    return [Alive(on, by) for on, by in known if on]


def of_visits(visits: Iterable[Taken]) -> list[Alive]:
    """The visit and each of its samples, where something was measured."""
    found = []
    for visit in visits:
        done = {one.sampled_on for one in visit.measured if one.done}
        if done:
            found += [
                Alive(visit.visit_on, f"visit {visit.row}"),
                *(Alive(on, f"sample of {visit.row}") for on in done),
            ]
    return found
