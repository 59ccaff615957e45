"""The verb of follow-up: it asks whether anything happened after the death, so it stands on this floor."""

from datetime import date
from uuid import UUID

from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.follow_up.models import FollowUp
from patients.follow_up.services import NAMES, Followed, follow
from patients.models import Patient
from patients.services import mine
from trial.models import User
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

from ..event_words import Outcome
from ..models import AdverseEvent
from . import alive
from .models import DiseaseAssessment, Measurement

MOST_NAMED = 5


def record_follow_up(
    *,
    trial: UUID,
    patient: UUID,
    said: Followed,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> FollowUp:
    """Last contact, the start of other anti-myeloma therapy, death with its cause: also after treatment stopped."""
    asked = (patient, rev, reason, *said.asked)
    with ledger.action(
        trial, by=by, may=May.RECORD_FOLLOW_UP, verb="followup.record", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return FollowUp.objects.get(pk=act.earlier)
        row = Patient.objects.select_related("treatment_row").get(pk=patient, trial=trial, voided=False)
        mine(act, row.site_id)
        _contact_withdrawn(row, said)
        before = FollowUp.objects.filter(patient=row).values_list("died_on", flat=True).first()
        stored = follow(act, row, said, rev=rev)
        if before and not said.died_on:
            _no_fatal_event(row)
        if said.died_on and said.died_on != before and (later := _later(row, said.died_on)):
            named = ", ".join(f"{by} ({on:%-d %b %Y})" for on, by in later[:MOST_NAMED])
            more = f" and {len(later) - MOST_NAMED} more" if len(later) > MOST_NAMED else ""
            raise Refused(
                f"Died on: {said.died_on:%-d %b %Y} is before what is recorded of the patient: {named}{more}. "
                "Correct the one or the other.",
                field="died_on",
            )
        act.result(stored.pk)
        return stored


def _contact_withdrawn(patient: Patient, said: Followed) -> None:
    """After the withdrawal from all contact only a death is learned: from public records, where the patient let them be
    read, or as the outcome of an event that began before.
    """
    left, stored = withdrawn.of(patient.slot_id), FollowUp.objects.filter(patient=patient).first()
    for name, label in NAMES.items():
        on = getattr(said, name)
        since = left.since(Covers.CONTACT, on) if on else None
        if since is None or on == getattr(stored, name, None):
            continue
        if name != "died_on":
            raise Refused(
                f"{label}: {on:%-d %b %Y} is after the patient withdrew from all contact on {since:%-d %b %Y}.",
                field=name,
            )
        fatal = AdverseEvent.objects.filter(patient=patient, grade=5, voided=False)
        if not left.records_open(on) and not fatal.exists():
            raise Refused(
                f"{label}: the patient withdrew from all contact on {since:%-d %b %Y} and lets no public records be "
                "read. A death is recorded as the outcome of an adverse event, grade 5, first.",
                field=name,
            )


def _no_fatal_event(patient: Patient) -> None:
    """A death is not taken back while an event says that the patient died of it."""
    fatal = AdverseEvent.objects.filter(patient=patient, outcome=Outcome.FATAL, voided=False).order_by("number").first()
    if fatal:
        raise Refused(f"Died on: {fatal.code} has the outcome fatal. Correct the event first.", field="died_on")


def _later(patient: Patient, died: date) -> list[tuple[date, str]]:
    """What is dated after this day, by date: nothing of it can be so if he died on it."""
    treatment = getattr(patient, "treatment", None)
    samples = Measurement.objects.filter(assessment__patient=patient, assessment__voided=False, voided=False)
    found = {(on, f"sample of DA {number}") for on, number in samples.values_list("sampled_on", "assessment__number")}
    visits = DiseaseAssessment.objects.filter(patient=patient, voided=False)
    found |= {(on, f"visit of DA {number}") for on, number in visits.values_list("visit_on", "number")}
    found |= {(one.on, one.by) for one in alive.of_patients([patient]).get(patient.pk, [])}
    stored = Patient.objects.filter(pk=patient.pk, biomarker_samples__voided=False)
    found |= {(on, "sBCMA sample") for on in stored.values_list("biomarker_samples__taken_on", flat=True)}
    if treatment:
        found |= {(one.on, one.by) for one in alive.of_treatment(treatment)}
        if treatment.left_study_on:
            found.add((treatment.left_study_on, "end of the study"))
    return sorted((on, by) for on, by in found if on > died)
