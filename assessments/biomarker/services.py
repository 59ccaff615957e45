"""Verbs of the sBCMA sub-study. No sample is stored without the patient's own consent to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from patients import days
from patients.consent import queries as consents
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.models import Consent, Patient
from patients.queries import plain
from patients.services import mine
from trial import plausible
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Implausible, Refused
from trial.roles import May

from .models import Assay, Control, CutOff, Measured, Sample


@dataclass(frozen=True, slots=True)
class Reading:
    """What an assay said of one sample. value: ng/mL with the dilution taken into account; None below the limit.

    unusual: why an unlikely number stands. stands: the same of a number that is stored and stays, corrected.
    """

    assay: UUID
    kit_lot: str
    value: Decimal | None
    dilution: int = 1
    unusual: str = ""
    stands: str | None = None

    @property
    def asked(self) -> tuple[object, ...]:
        more = [*([self.unusual] if self.unusual else []), *([] if self.stands is None else [("stands", self.stands)])]
        return self.assay, self.kit_lot, self.value, self.dilution, *more


def define_assay(
    *,
    trial: UUID,
    name: str,
    lower_limit: Decimal,
    normal_below: Decimal | None = None,
    source: str = "",
    by: User | None,
    key: UUID | None = None,
) -> Assay:
    """An assay with its lower limit and, with its source, the published upper end of normal (ng/mL)."""
    asked = (name, lower_limit, normal_below, source)
    with ledger.action(trial, by=by, may=May.DEFINE_ASSAY, verb="assay.define", key=key, asked=asked) as act:
        if act.earlier:
            return Assay.objects.get(pk=act.earlier)
        row = Assay(trial_id=trial, name=name, lower_limit=lower_limit, normal_below=normal_below, source=source)
        _save_assay(row)
        act.result(row.pk)
        return row


def correct_assay(
    *,
    trial: UUID,
    assay: UUID,
    name: str,
    lower_limit: Decimal,
    normal_below: Decimal | None = None,
    source: str = "",
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Assay:
    """An assay as it should stand. Its limit stays at or below every value that was measured with it.

    rev: the row's number on the corrector's screen; a later one refuses.
    """
    asked = (assay, rev, reason, name, lower_limit, normal_below, source)
    with ledger.action(
        trial, by=by, may=May.DEFINE_ASSAY, verb="assay.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Assay.objects.get(pk=assay, trial=trial)
        if act.earlier:
            return row
        corrections.check(act, row, f"The assay {row.name}", seen=rev, reason_for="a correction")
        if (row.name, row.lower_limit, row.normal_below, row.source) == (name, lower_limit, normal_below, source):
            raise Refused("Assay: this is recorded already.", field="name")
        row.name, row.lower_limit, row.normal_below, row.source = name, lower_limit, normal_below, source
        _save_assay(row)
        act.result(row.pk)
        return row


def _save_assay(row: Assay) -> None:
    """Refused by name where it cannot be."""
    if Assay.objects.filter(trial=row.trial_id, name__iexact=row.name).exclude(pk=row.pk).exists():
        raise Refused(f"Name: there is an assay called {row.name} already.", field="name")
    if row.lower_limit <= 0:
        raise Refused("Lower limit: must be above 0 ng/mL.", field="lower_limit")
    for model in (Sample, Control):
        lower = model.objects.filter(assay=row, voided=False, value__lt=row.lower_limit).order_by("value").first()
        if lower is not None and lower.value is not None:
            raise Refused(
                f"Lower limit: a value of {plain(lower.value)} ng/mL is recorded below it; correct that first.",
                field="lower_limit",
            )
    if row.normal_below is not None and row.normal_below <= 0:
        raise Refused("Normal below: must be above 0 ng/mL.", field="normal_below")
    if row.normal_below is not None and not row.source.strip():
        raise Refused("Source: a published range needs one.", field="source")
    row.save()


def add_cut_off(
    *, trial: UUID, assay: UUID, purpose: str, value: Decimal, source: str, by: User | None, key: UUID | None = None
) -> CutOff:
    """A cut-off with the source that it comes from."""
    asked = (assay, purpose, value, source)
    with ledger.action(trial, by=by, may=May.DEFINE_ASSAY, verb="cutoff.add", key=key, asked=asked) as act:
        if act.earlier:
            return CutOff.objects.get(pk=act.earlier)
        if purpose not in CutOff.Purpose.values:
            raise Refused(f"Purpose: must be one of {', '.join(CutOff.Purpose.values)}.", field="purpose")
        if value <= 0:
            raise Refused("Value: a cut-off is above 0 ng/mL.", field="value")
        if not source.strip():
            raise Refused("Source: a cut-off needs one.", field="source")
        of = Assay.objects.get(pk=assay, trial=trial, voided=False)
        if CutOff.objects.filter(assay=of, purpose=purpose, value=value, voided=False).exists():
            raise Refused("Value: this cut-off is there already.", field="value")
        row = CutOff.objects.create(trial_id=trial, assay=of, purpose=purpose, value=value, source=source)
        act.result(row.pk)
        return row


def void_cut_off(
    *, trial: UUID, cut_off: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> CutOff:
    """Take a cut-off back, with a reason; runs made with it keep it. rev: the row's number on the person's screen."""
    with ledger.action(
        trial, by=by, may=May.DEFINE_ASSAY, verb="cutoff.void", reason=reason, key=key, asked=(cut_off, rev, reason)
    ) as act:
        row = CutOff.objects.get(pk=cut_off, trial=trial)
        return corrections.void(act, row, "The cut-off", seen=rev, reason_for="taking a cut-off back")


def record_sample(
    *,
    trial: UUID,
    patient: UUID,
    reading: Reading,
    taken_on: date,
    taken_at: time,
    by: User,
    key: UUID | None = None,
) -> Sample:
    """One sample of a patient who consented to the sub-study on or before that day and has not withdrawn.

    taken_on, taken_at: on the site's calendar and clock.
    """
    asked = (patient, *reading.asked, taken_on, taken_at)
    with ledger.action(trial, by=by, may=May.RECORD_SAMPLE, verb="sample.record", key=key, asked=asked) as act:
        if act.earlier:
            return Sample.objects.get(pk=act.earlier)
        row = Patient.objects.select_related("slot", "site").get(pk=patient, trial=trial, voided=False)
        mine(act, row.site_id)
        days.at(act, row.site_id).check(taken_on, "Taken on", field="taken_on")
        days.within_life(row, taken_on, "Taken on", field="taken_on")
        sample = Sample(
            trial_id=trial, patient=row, consent=consent_for(row, taken_on), taken_on=taken_on, taken_at=taken_at
        )
        _read(sample, trial, reading)
        same = Sample.objects.filter(
            patient=row, assay=sample.assay_id, taken_on=taken_on, taken_at=taken_at, voided=False
        )
        if same.exists():
            raise Refused("Taken at: this sample is recorded with this assay already.", field="taken_at")
        sample.save()
        act.result(sample.pk)
        return sample


def correct_sample(
    *,
    trial: UUID,
    sample: UUID,
    reading: Reading,
    taken_on: date,
    taken_at: time,
    rev: int,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Sample:
    """Correct a sample, with a reason. rev: the row's number on the corrector's screen."""
    asked = (sample, rev, reason, *reading.asked, taken_on, taken_at)
    with ledger.action(
        trial, by=by, may=May.RECORD_SAMPLE, verb="sample.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Sample.objects.select_related("patient__slot", "assay").get(pk=sample, trial=trial)
        if act.earlier:
            return row
        mine(act, row.patient.site_id)
        corrections.check(act, row, "The sample", seen=rev, reason_for="a correction")
        days.at(act, row.patient.site_id).check(taken_on, "Taken on", field="taken_on")
        if taken_on != row.taken_on:
            days.within_life(row.patient, taken_on, "Taken on", field="taken_on")
        row.consent = consent_for(row.patient, taken_on, was=row.taken_on)
        row.taken_on, row.taken_at = taken_on, taken_at
        _read(row, trial, reading)
        row.save()
        act.result(row.pk)
        return row


def void_sample(
    *, trial: UUID, sample: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Sample:
    """Take back a sample that was recorded by mistake; it stays in the record, voided, with the reason.

    rev: the row's number on the person's screen; None, of a program, is as it stands.
    """
    with ledger.action(
        trial, by=by, may=May.RECORD_SAMPLE, verb="sample.void", reason=reason, key=key, asked=(sample, rev, reason)
    ) as act:
        row = Sample.objects.select_related("patient").get(pk=sample, trial=trial)
        mine(act, row.patient.site_id)
        return corrections.void(act, row, "The sample", seen=rev, reason_for="voiding a sample")


@dataclass(frozen=True, slots=True)
class ControlReading:
    """One line of an external control list. value: ng/mL, None below the assay's limit."""

    code: str
    value: Decimal | None


def record_controls(
    *,
    trial: UUID,
    assay: UUID,
    kit_lot: str,
    source: str,
    controls: Sequence[ControlReading],
    dilution: int = 1,
    unusual: str = "",
    by: User | None,
    key: UUID | None = None,
) -> list[Control]:
    """External controls: people without myeloma, measured with the same assay, from one named source; all or none."""
    asked = (assay, kit_lot, source, dilution, *((c.code, c.value) for c in controls), *([unusual] if unusual else []))
    with ledger.action(trial, by=by, may=May.DEFINE_ASSAY, verb="control.record", key=key, asked=asked) as act:
        if act.earlier:
            return list(Control.objects.filter(trial=trial, assay=assay, rev=Control.objects.get(pk=act.earlier).rev))
        if not controls:
            raise Refused("Controls: write at least one.", field="controls")
        if not source.strip():
            raise Refused("Source: external controls need one.", field="source")
        known = set(Control.objects.filter(trial=trial, assay=assay, voided=False).values_list("code", flat=True))
        written = []
        for control in controls:
            if control.code in known:
                raise Refused(f"Controls: {control.code} of this assay is there already.", field="controls")
            known.add(control.code)
            row = Control(trial_id=trial, code=control.code, source=source)
            _read(row, trial, Reading(assay, kit_lot, control.value, dilution, unusual), of=f"{control.code}: ")
            row.save()
            written.append(row)
        act.result(written[0].pk)
        return written


def void_control(
    *, trial: UUID, control: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Control:
    """Take a control back, with a reason. rev: the row's number on the person's screen."""
    with ledger.action(
        trial, by=by, may=May.DEFINE_ASSAY, verb="control.void", reason=reason, key=key, asked=(control, rev, reason)
    ) as act:
        row = Control.objects.get(pk=control, trial=trial)
        return corrections.void(act, row, f"Control {row.code}", seen=rev, reason_for="voiding a control")


def consent_for(patient: Patient, on: date, was: date | None = None) -> Consent:
    """The sub-study's consent that covers a sample of that day, the latest signed by then. Refused without one.

    was: the day as stored; it is not held against a withdrawal from visits that was entered after it.
    """
    standing_consent(patient)
    given = consents.given(patient.slot_id)
    if given is None or on < given:
        since = f" ({given:%-d %b %Y})" if given else ""
        raise Refused(
            f"Taken on: {on:%-d %b %Y} is before the patient's consent to the trial{since}.", field="taken_on"
        )
    if on != was:
        withdrawn.check(patient.slot_id, Covers.VISITS, on, label="Taken on", field="taken_on")
    signed = list(_standing(patient))
    mine = max((c for c in signed if c.given_on <= on), key=lambda c: c.given_on, default=None)
    if mine is None:
        first = min(c.given_on for c in signed)
        raise Refused(
            f"Taken on: the consent to the sub-study was given on {first:%-d %b %Y}, after this sample.",
            field="taken_on",
        )
    return mine


def _standing(patient: Patient) -> QuerySet[Consent]:
    """Every version of the sub-study's form that the patient signed and has not withdrawn."""
    return Consent.objects.filter(slot=patient.slot, kind=Consent.Kind.BIOMARKER, withdrawn_on=None, voided=False)


def standing_consent(patient: Patient) -> Consent:
    """The sub-study's consent as it stands. Refused without one, and after a withdrawal."""
    given = Consent.objects.filter(slot=patient.slot, kind=Consent.Kind.BIOMARKER, voided=False).order_by("-given_on")
    last = given.first()
    if last is None:
        raise Refused("Consent: the patient has not consented to the sBCMA sub-study, so no value can be stored.")
    if last.withdrawn_on:
        raise Refused(f"Consent: it was withdrawn on {last.withdrawn_on:%-d %b %Y}; no new sBCMA value can be stored.")
    return last


def _read(row: Measured, trial: UUID, reading: Reading, of: str = "") -> None:
    """Put the reading into the row. Refused below the assay's limit: that is said, not typed as a number.

    of: whose reading it is, in a list.
    """
    row.assay = Assay.objects.get(pk=reading.assay, trial=trial, voided=False)
    if not reading.kit_lot.strip():
        raise Refused("Kit lot: an answer is needed.", field="kit_lot")
    if reading.dilution < 1:
        raise Refused("Dilution: 1 is undiluted, 100 is 1:100; it cannot be below 1.", field="dilution")
    if reading.value is not None and reading.value < row.assay.lower_limit:
        limit = f"the lower limit of {row.assay.name} is {plain(row.assay.lower_limit)} ng/mL"
        raise Refused(f"Value: {of}{limit}. Record it as below the limit.", field="controls" if of else "value")
    unlikely = {
        field: f"{label}: {of}{plain(number)}; {wrong}. Correct it, or say below why it stands."
        for field, label, name, number in (
            ("value", "Value", "sbcma", reading.value),
            ("dilution", "Dilution", "dilution", Decimal(reading.dilution)),
        )
        if number is not None and getattr(row, field) != number and (wrong := plausible.wrong(name, number))
    }
    if unlikely and not reading.unusual.strip():
        raise Implausible({"controls": " ".join(unlikely.values())} if of else unlikely)
    if unlikely or (row.value, row.dilution) != (reading.value, reading.dilution):
        row.unusual = reading.unusual.strip() if unlikely else None
    elif row.unusual:
        try:
            row.unusual = plausible.reworded(row.unusual, reading.stands, "sBCMA")
        except ValueError as fault:
            raise Refused(str(fault), field="stands") from None
    row.kit_lot, row.dilution = reading.kit_lot, reading.dilution
    row.below_limit, row.value = reading.value is None, reading.value
