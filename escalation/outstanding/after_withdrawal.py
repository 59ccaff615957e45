"""What is recorded of a patient that a withdrawal may cover, by day: what lies after one is listed as a deviation."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from assessments.biomarker.models import Sample
from assessments.models import AdverseEvent
from assessments.response.models import DiseaseAssessment
from patients.consent import withdrawn
from patients.consent.models import Covers, Withdrawal
from patients.consent.withdrawn import Dated
from patients.dosing import cycles
from patients.dosing.course import Course, last_taken
from patients.dosing.models import CycleDoses, CycleStart, DoseDay
from patients.dosing.services import CYCLE_2, END, FIRST_DOSE
from patients.follow_up.models import FollowUp
from patients.models import Consent, Patient, Treatment
from trial.record.ledger import Act

OF_A_SLOT = {model._meta.db_table for model in (Withdrawal, Consent)}
OF_A_PATIENT = {
    model._meta.db_table
    for model in (Treatment, CycleStart, CycleDoses, DoseDay, AdverseEvent, DiseaseAssessment, Sample, FollowUp)
}


def settle(act: Act) -> None:
    """Let the lists of deviations follow what the action wrote of a consent, a withdrawal, or a fact of a patient.

    Asked of those alone who have withdrawn, or of whom a deviation is listed.
    """
    slots = {image["image"]["slot_id"] for image in act.images if image["table"] in OF_A_SLOT}
    patients = {image["image"]["patient_id"] for image in act.images if image["table"] in OF_A_PATIENT}
    if not slots and not patients:
        return
    touched = Patient.objects.filter(Q(slot__in=slots) | Q(pk__in=patients), trial=act.trial_id, voided=False)
    left = Q(slot__withdrawals__voided=False) | Q(slot__consents__withdrawn_on__isnull=False)
    for patient in touched.filter(left | Q(deviations__voided=False)).distinct():
        withdrawn.list_deviations(patient, _facts(patient))


def _of_cycles(course: Course) -> Iterator[Dated]:
    """When each cycle from the third on began, and the last dose taken in each."""
    for cycle in course.cycles:
        if cycle.number > 2:
            yield Dated(f"cycle {cycle.number}", cycle.began_on, Covers.TREATMENT)
        if last := last_taken(course, cycle.number):
            yield Dated(f"doses of cycle {cycle.number}", last, Covers.TREATMENT)


def _facts(patient: Patient) -> Iterator[Dated]:
    of: dict[str, UUID | bool] = {"patient": patient.pk, "voided": False}
    for given in Treatment.objects.filter(**of):
        days = {FIRST_DOSE: given.first_dose_on, CYCLE_2: given.cycle2_on, END: given.stopped_on}
        yield from (Dated(fact, on, Covers.TREATMENT) for fact, on in days.items() if on)
        yield from _of_cycles(cycles.course_of(given))
    for event in AdverseEvent.objects.filter(**of):
        yield Dated(event.code, event.onset_on, Covers.VISITS)
    for visit in DiseaseAssessment.objects.filter(**of).prefetch_related("measurements"):
        last = max([visit.visit_on, *(m.sampled_on for m in visit.measurements.all() if not m.voided)])
        yield Dated(visit.code, last, Covers.VISITS)
    for on, at in set(Sample.objects.filter(**of).values_list("taken_on", "taken_at")):
        yield Dated(f"sBCMA sample of {on:%-d %b %Y}, {at:%H:%M}", on, Covers.VISITS)
    for known in FollowUp.objects.filter(**of):
        if known.last_contact_on:
            yield Dated("last contact", known.last_contact_on, Covers.CONTACT)
