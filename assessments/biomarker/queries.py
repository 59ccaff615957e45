"""Reads of the sBCMA sub-study that its pages and runs share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, Q

from patients.models import Consent, Patient
from patients.queries import plain

from ..endpoints.models import EndpointRun, Kind
from .models import Assay, Control, CutOff, Measured, Sample


@dataclass(frozen=True, slots=True)
class Participant:
    """A patient who was asked for the sub-study's consent and gave it, withdrawn or not."""

    patient: Patient
    consent: Consent
    samples: Sequence[Sample]

    @property
    def analysed(self) -> bool:
        """After a withdrawal a patient stands in no later analysis."""
        return self.consent.withdrawn_on is None


def assays(trial: UUID) -> list[Assay]:
    """Every assay with its cut-offs, by name."""
    cut_offs = Prefetch("cut_offs", CutOff.objects.filter(voided=False))
    return list(Assay.objects.filter(trial=trial, voided=False).prefetch_related(cut_offs))


def controls(trial: UUID) -> list[Control]:
    return list(
        Control.objects.filter(trial=trial, voided=False).select_related("assay").order_by("assay__name", "code")
    )


def cut_off(trial: UUID, cut_off: UUID) -> CutOff | None:
    """One cut-off by id, voided ones too, as of a control and a sample."""
    return CutOff.objects.filter(trial=trial, pk=cut_off).first()


def control(trial: UUID, control: UUID) -> Control | None:
    return Control.objects.filter(trial=trial, pk=control).select_related("assay").first()


def sample(trial: UUID, sample: UUID) -> Sample | None:
    return Sample.objects.filter(trial=trial, pk=sample).select_related("assay", "patient__site").first()


def participants(trial: UUID, patients: Collection[UUID] | None = None) -> list[Participant]:
    """Everybody who consented, or of these, by number, with the samples in order of time: three queries."""
    samples = Sample.objects.filter(voided=False).select_related("assay").order_by("taken_on", "taken_at")
    found = Patient.objects.filter(trial=trial, voided=False).select_related("site", "slot", "treatment_row")
    if patients is not None:
        found = found.filter(pk__in=patients)
    found = found.prefetch_related(
        Prefetch("biomarker_samples", samples),
        Prefetch("slot__consents", Consent.objects.filter(kind=Consent.Kind.BIOMARKER, voided=False)),
    )
    return [
        Participant(patient, consents[-1], list(patient.biomarker_samples.all()))
        for patient in found.order_by("number")
        if (consents := sorted(patient.slot.consents.all(), key=lambda c: (c.given_on, c.withdrawn_on is None)))
    ]


def analysed(trial: UUID, patients: Collection[UUID]) -> list[UUID]:
    """Who of these is in the sub-study: consented, and not withdrawn."""
    return [one.patient.pk for one in participants(trial, patients) if one.analysed]


def without_consent(trial: UUID, participants: Sequence[Participant]) -> int:
    """How many patients did not consent to the sub-study."""
    return Patient.objects.filter(trial=trial, voided=False).count() - len(participants)


def hidden(trial: UUID) -> frozenset[UUID]:
    """What stands in no later analysis, and on no page of the past either: samples of those whose consent is withdrawn
    today, and the runs that analysed them.
    """
    return frozenset(whose_hidden(trial))


def whose_hidden(trial: UUID) -> dict[UUID, int | None]:
    """The same rows, each with the number of the one patient that it is of; None of a run."""
    left = [p.patient for p in participants(trial) if not p.analysed]
    if not left:
        return {}
    analysed = Q()
    for patient in left:
        analysed |= Q(result__assays__contains=[{"patients": [{"number": patient.number}]}])
    samples = Sample.objects.filter(trial=trial, patient__in=left).values_list("pk", "patient__number")
    runs = EndpointRun.objects.filter(analysed, trial=trial, kind=Kind.BIOMARKER).values_list("pk", flat=True)
    return {**dict(samples), **dict.fromkeys(runs)}


def number(measured: Measured) -> Decimal:
    """The value an analysis ranks by: half of the assay's lower limit for what lies below it."""
    return measured.assay.lower_limit / 2 if measured.value is None else measured.value


def said(measured: Measured) -> str:
    """The value as people read it."""
    if measured.value is None:
        return f"below {plain(measured.assay.lower_limit)} ng/mL"
    return f"{plain(measured.value)} ng/mL"
