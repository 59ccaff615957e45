"""Verbs of consent: the versions of the form, what a patient signed, its correction, and the sub-study's withdrawal."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..models import Consent, Patient, Slot
from ..services import mine
from . import withdrawn
from .models import ConsentVersion, Covers


def add_version(
    *,
    trial: UUID,
    kind: str = Consent.Kind.TRIAL,
    version: str,
    valid_from: date,
    reconsent_by: date | None = None,
    by: User,
    key: UUID | None = None,
) -> ConsentVersion:
    """Put a version of the consent form in use. reconsent_by: when who signed an earlier one has signed it."""
    asked = (kind, version, valid_from, reconsent_by)
    with ledger.action(trial, by=by, may=May.DEFINE_CONSENT, verb="consentform.add", key=key, asked=asked) as act:
        if act.earlier:
            return ConsentVersion.objects.get(pk=act.earlier)
        if kind not in Consent.Kind.values:
            raise Refused("Form: the trial's or the sub-study's.", field="kind")
        row = ConsentVersion(trial_id=trial, kind=kind)
        _write(row, version.strip(), valid_from, reconsent_by)
        act.result(row.pk)
        return row


def correct_version(
    *,
    trial: UUID,
    consent_version: UUID,
    version: str,
    valid_from: date,
    reconsent_by: date | None = None,
    rev: int | None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> ConsentVersion:
    """Correct what was entered of a version. Its name stays once somebody signed it."""
    asked = (consent_version, version, valid_from, reconsent_by, rev, reason)
    with ledger.action(
        trial, by=by, may=May.DEFINE_CONSENT, verb="consentform.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = ConsentVersion.objects.get(pk=consent_version, trial=trial)
        if act.earlier:
            return row
        corrections.check(act, row, f"Version {row.version}", seen=rev, reason_for="a correction")
        if version.strip() != row.version and _signed(row).exists():
            raise Refused(f"Version: {row.version} was signed by patients; its name stays.", field="version")
        _write(row, version.strip(), valid_from, reconsent_by)
        act.result(row.pk)
        return row


def void_version(
    *, trial: UUID, consent_version: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> ConsentVersion:
    """Take back a version that was entered by mistake and that nobody signed."""
    asked = (consent_version, rev, reason)
    with ledger.action(
        trial, by=by, may=May.DEFINE_CONSENT, verb="consentform.void", reason=reason, key=key, asked=asked
    ) as act:
        row = ConsentVersion.objects.get(pk=consent_version, trial=trial)
        if not act.earlier and _signed(row).exists():
            raise Refused(f"Version {row.version} was signed by patients; it cannot be taken back.")
        return corrections.void(act, row, f"Version {row.version}", seen=rev, reason_for="taking back a version")


def _write(row: ConsentVersion, version: str, valid_from: date, reconsent_by: date | None) -> None:
    if not version:
        raise Refused("Version: write it as it is printed on the form.", field="version")
    if reconsent_by and reconsent_by < valid_from:
        raise Refused(
            f"Re-consent by: {reconsent_by:%-d %b %Y} is before the version is in use ({valid_from:%-d %b %Y}).",
            field="reconsent_by",
        )
    others = ConsentVersion.objects.filter(trial=row.trial_id, kind=row.kind, voided=False).exclude(pk=row.pk)
    if others.filter(version=version).exists():
        raise Refused(f"Version: {version} is in the list already.", field="version")
    if same := others.filter(valid_from=valid_from).first():
        raise Refused(f"In use from: version {same.version} is in use from that day already.", field="valid_from")
    row.version, row.valid_from, row.reconsent_by = version, valid_from, reconsent_by
    first = _signed(row).order_by("given_on").first()
    if first and first.given_on < valid_from:
        raise Refused(
            f"In use from: version {version} was signed on {first.given_on:%-d %b %Y} already.", field="valid_from"
        )
    row.save()


def _signed(row: ConsentVersion) -> QuerySet[Consent]:
    return Consent.objects.filter(trial=row.trial_id, kind=row.kind, version=row.version, voided=False)


def record_consent(
    *,
    trial: UUID,
    slot: UUID,
    kind: str = Consent.Kind.TRIAL,
    version: str,
    given_on: date,
    resumes: bool | None = None,
    by: User,
    key: UUID | None = None,
) -> Consent:
    """A signed consent: version of the form and date. A later version is another consent; the sub-study's is separate.

    Once the trial lists the versions of a form, one of them is signed, from the day on which it is in use.
    resumes: of a patient who had withdrawn, whether he consents again to what he withdrew from.
    """
    asked = (slot, kind, version, given_on, *([] if resumes is None else [resumes]))
    with ledger.action(trial, by=by, may=May.RECORD_CONSENT, verb="consent.record", key=key, asked=asked) as act:
        if act.earlier:
            return Consent.objects.get(pk=act.earlier)
        row = Slot.objects.get(pk=slot, trial=trial)
        mine(act, row.site_id)
        consent = Consent(trial_id=trial, slot=row, kind=kind)
        sign(act, consent, version.strip(), given_on, resumes)
        act.result(consent.pk)
        return consent


def correct_consent(
    *,
    trial: UUID,
    consent: UUID,
    version: str,
    given_on: date,
    withdrawn_on: date | None = None,
    resumes: bool | None = None,
    rev: int | None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Consent:
    """Correct the version or the date of a consent, with a reason; the old ones stay in the record.

    withdrawn_on: of one that was withdrawn, the day as it should stand; None takes its withdrawal back.
    resumes: as of `record_consent`; None leaves the answer that is recorded.
    """
    asked = (consent, version, given_on, withdrawn_on, rev, reason, *([] if resumes is None else [resumes]))
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="consent.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Consent.objects.select_related("slot").get(pk=consent, trial=trial)
        if act.earlier:
            return row
        mine(act, row.slot.site_id)
        now = f": version {row.version}, signed {row.given_on:%-d %b %Y}, is recorded now"
        corrections.check(act, row, "The consent", seen=rev, besides=now, reason_for="a correction")
        resumes = row.resumes if resumes is None else resumes
        if (row.version, row.given_on, row.withdrawn_on, row.resumes) == (
            version.strip(), given_on, withdrawn_on, resumes,
        ):  # fmt: skip
            raise Refused("Consent: this version and date are recorded already.", field="given_on")
        _withdraw_anew(act, row, given_on, withdrawn_on)
        if row.kind == Consent.Kind.TRIAL:
            _before_withdrawal(row, given_on)
            _before_enrolment(row, given_on)
        sign(act, row, version.strip(), given_on, resumes)
        act.result(row.pk)
        return row


def _before_withdrawal(row: Consent, given_on: date) -> None:
    """Refuse to move a consent past a withdrawal that it came before."""
    passed = [span.on for span in withdrawn.of(row.slot_id).spans if row.given_on <= span.on < given_on]
    if passed:
        raise Refused(
            f"Signed on: {given_on:%-d %b %Y} is after the withdrawal ({min(passed):%-d %b %Y}). A consent signed "
            "after it is another one: record it as such.",
            field="given_on",
        )


def _before_enrolment(row: Consent, given_on: date) -> None:
    """Refuse to move the first consent past the enrolment, and so past the first dose that follows it."""
    others = Consent.objects.filter(slot=row.slot_id, kind=row.kind, voided=False).exclude(pk=row.pk)
    first = min([given_on, *others.values_list("given_on", flat=True)])
    patient = Patient.objects.filter(slot=row.slot_id, voided=False, enrolled_on__lt=first).first()
    if patient and given_on > row.given_on:
        raise Refused(
            f"Signed on: {given_on:%-d %b %Y} is after the enrolment ({patient.enrolled_on:%-d %b %Y}), which the "
            "consent comes before. Correct that first.",
            field="given_on",
        )


def _withdraw_anew(act: Act, row: Consent, given_on: date, withdrawn_on: date | None) -> None:
    """The day of a withdrawal as corrected, or none: of every version that was withdrawn with this one."""
    if withdrawn_on and row.withdrawn_on is None:
        raise Refused("Withdrawn on: this consent was not withdrawn; record the withdrawal.", field="withdrawn_on")
    if withdrawn_on and not given_on <= withdrawn_on <= days.at(act, row.slot.site_id).today:
        raise Refused("Withdrawn on: must be from the day it was given to today.", field="withdrawn_on")
    if withdrawn_on == row.withdrawn_on:
        return
    with_it = Consent.objects.filter(slot=row.slot_id, kind=row.kind, withdrawn_on=row.withdrawn_on, voided=False)
    for other in with_it.exclude(pk=row.pk):
        other.withdrawn_on = withdrawn_on
        other.save()
    row.withdrawn_on = withdrawn_on


def sign(act: Act, consent: Consent, version: str, given_on: date, resumes: bool | None = None) -> None:
    """Store what was signed, of a form that could be signed then, and whether it ends a withdrawal."""
    if not version:
        raise Refused("Version of the form: an answer is needed.", field="version")
    history = consent.kind != Consent.Kind.TRIAL
    days.at(act, consent.slot.site_id).check(given_on, "Consent date", field="given_on", history=history)
    listed = list(ConsentVersion.objects.filter(trial=act.trial_id, kind=consent.kind, voided=False))
    form = next((v for v in listed if v.version == version), None)
    if listed and form is None and version != consent.version:  # typed before the list was kept
        names = ", ".join(v.version for v in listed)
        raise Refused(f"Version of the form: {version} is none of this trial ({names}).", field="version")
    if form and given_on < form.valid_from:
        raise Refused(
            f"Consent date: version {version} is in use from {form.valid_from:%-d %b %Y} on.", field="given_on"
        )
    if not consent.withdrawn_on:
        _once(consent, version, given_on)
    if not history:
        consent.resumes = _resumes(consent, given_on, resumes)
    elif resumes:
        raise Refused("Consents again: only a consent to the trial ends a withdrawal from it.", field="resumes")
    consent.version, consent.given_on = version, given_on
    consent.save()


def _once(consent: Consent, version: str, given_on: date) -> None:
    """Refuse a version that was signed already; who withdrew since then may sign it again."""
    same = Consent.objects.filter(
        slot=consent.slot_id, kind=consent.kind, version=version, withdrawn_on=None, voided=False
    ).exclude(pk=consent.pk)
    spans = withdrawn.of(consent.slot_id).spans if consent.kind == Consent.Kind.TRIAL else ()
    for other in same:
        first, last = sorted([other.given_on, given_on])
        if not any(first <= span.on < last for span in spans):
            raise Refused(f"Consent: version {version} is recorded already.", field="version")


def _resumes(consent: Consent, given_on: date, said: bool | None) -> bool:
    """Whether it ends the withdrawal that holds on its day: said by the patient, never read from the signature."""
    since = withdrawn.of(consent.slot_id, besides=consent.pk).since(Covers.TREATMENT, given_on)
    if since and said is None:
        raise Refused(
            f"Consents again: the patient withdrew on {since:%-d %b %Y}; say whether this consent takes up again what "
            "was withdrawn.",
            field="resumes",
        )
    if said and not since:
        raise Refused(f"Consents again: nothing was withdrawn before {given_on:%-d %b %Y}; say no.", field="resumes")
    return bool(said)


def withdraw_consent(
    *, trial: UUID, consent: UUID, on: date, reason: str, by: User, key: UUID | None = None
) -> Consent:
    """The patient takes the sub-study's consent back, from a day on; what was recorded before stays."""
    asked = (consent, on, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="consent.withdraw", reason=reason, key=key, asked=asked
    ) as act:
        row = Consent.objects.select_related("slot").get(pk=consent, trial=trial, voided=False)
        if act.earlier:
            return row
        mine(act, row.slot.site_id)
        if row.kind == Consent.Kind.TRIAL:
            raise Refused("Consent: a withdrawal from the trial says what it covers; record it on its own page.")
        if not reason.strip():
            raise Refused("Reason: a withdrawal needs one.", field="reason")
        if row.withdrawn_on:
            raise Refused("Consent: it was withdrawn already.", field="on")
        standing = list(Consent.objects.filter(slot=row.slot_id, kind=row.kind, withdrawn_on=None, voided=False))
        if not max(one.given_on for one in standing) <= on <= days.at(act, row.slot.site_id).today:
            raise Refused("Withdrawn on: must be from the day it was given to today.", field="on")
        for one in standing:  # every version that was signed is one consent to the patient
            one.withdrawn_on = on
            one.save()
        act.result(row.pk)
        return next(one for one in standing if one.pk == row.pk)
