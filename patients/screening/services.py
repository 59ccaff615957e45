"""Verbs of screening: recorded, ended, corrected; and what enrolment says of it inside its own actions."""

from datetime import date
from uuid import UUID

from trial.models import EligibilityCriterion, RowImage, User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..models import Slot
from ..services import HOLDS, mine, release
from .models import Screening

Outcome = Screening.Outcome


def record_screening(
    *, trial: UUID, number: str, on: date, again_of: str = "", by: User, key: UUID | None = None
) -> Screening:
    """Somebody is screened at the person's site. again_of: the number of the same person's screening before."""
    asked = (number, on, again_of)
    with ledger.action(trial, by=by, may=May.SCREEN, verb="screening.record", key=key, asked=asked) as act:
        if act.earlier:
            return Screening.objects.get(pk=act.earlier)
        assert act.membership is not None and act.membership.site_id is not None  # who may screen is of one site
        row = Screening(trial_id=trial, site_id=act.membership.site_id)
        _write(act, row, number, on, again_of)
        act.result(row.pk)
        return row


def end_screening(
    *, trial: UUID, screening: UUID, outcome: str, criterion: UUID | None = None, by: User, key: UUID | None = None
) -> Screening:
    """How a screening ended without enrolment; a slot that is held for it is free at once."""
    asked = (screening, outcome, criterion)
    with ledger.action(trial, by=by, may=May.SCREEN, verb="screening.end", key=key, asked=asked) as act:
        row = Screening.objects.get(pk=screening, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        if row.voided:
            raise Refused(f"Screening {row.number} is voided.")
        if row.outcome:
            raise Refused(
                f"Outcome: {row.number} ended as {row.get_outcome_display()}; it is corrected with a reason.",
                field="outcome",
            )
        if not outcome:
            raise Refused("Outcome: say how the screening ended.", field="outcome")
        _end(act, row, outcome, criterion)
        row.save()
        act.result(row.pk)
        return row


def correct_screening(
    *,
    trial: UUID,
    screening: UUID,
    number: str,
    on: date,
    again_of: str = "",
    outcome: str,
    criterion: UUID | None = None,
    rev: int | None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Screening:
    """Correct a screening, with a reason. An empty outcome opens it again; that of an enrolled patient follows him."""
    asked = (screening, number, on, again_of, outcome, criterion, rev, reason)
    with ledger.action(
        trial, by=by, may=May.SCREEN, verb="screening.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Screening.objects.select_related("again_of").get(pk=screening, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        corrections.check(act, row, f"Screening {row.number}", seen=rev, reason_for="a correction")
        now = (row.number, row.on, row.again_of.number if row.again_of else "", row.outcome, row.criterion_id)
        if now == (number.strip(), on, again_of.strip(), outcome, criterion):
            raise Refused("Screening: this is recorded already.", field="number")
        if outcome != row.outcome and Outcome.ENROLLED in (outcome, row.outcome):
            raise Refused("Outcome: enrolled is said by the enrolment itself.", field="outcome")
        if (outcome, criterion) != (row.outcome, row.criterion_id):
            _end(act, row, outcome, criterion)
        _write(act, row, number, on, again_of)
        act.result(row.pk)
        return row


def void_screening(
    *, trial: UUID, screening: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Screening:
    """Take back a screening that was recorded by mistake. Its number is not used again."""
    asked = (screening, rev, reason)
    with ledger.action(trial, by=by, may=May.SCREEN, verb="screening.void", reason=reason, key=key, asked=asked) as act:
        row = Screening.objects.get(pk=screening, trial=trial)
        mine(act, row.site_id)
        if not act.earlier and row.slots.exists():
            raise Refused(f"Screening {row.number} had a slot; correct it instead.")
        return corrections.void(act, row, f"Screening {row.number}", seen=rev, reason_for="voiding a screening")


# ---- inside the actions of enrolment ----


def screened(act: Act, *, site: UUID, number: str, again_of: str, on: date | None = None) -> Screening | None:
    """The screening for which a slot is asked: a new one, or one of this site that is open and holds no slot.

    on: the day of a new one, today when left out.
    None without a number, in the replay of a published trial, whose numbers nobody knows.
    """
    assert act.trial is not None
    if not number.strip():
        if act.trial.simulated:
            return None
        raise Refused("Screening number: an answer is needed.", field="screening")
    row = Screening.objects.filter(trial=act.trial_id, number__iexact=number.strip()).first()
    if row is None:
        row = Screening(trial_id=act.trial_id, site_id=site)
        _write(act, row, number, on or days.at(act, site).today, again_of)
        return row
    if row.site_id != site or row.voided:
        raise Refused(f"Screening number: {number.strip()} was given already; each is used once.", field="screening")
    holds = Slot.objects.filter(screening=row, state__in=HOLDS).select_related("patient").first()
    if holds:
        patient = getattr(holds, "patient", None)
        has = f"is patient {patient.code}" if patient else f"holds slot {holds.number}"
        raise Refused(f"Screening number: {row.number} {has}; one patient gets one slot.", field="screening")
    if row.outcome:
        raise Refused(
            f"Screening number: {row.number} ended as {row.get_outcome_display()}. Who is screened again gets a new "
            "number that names this one.",
            field="screening",
        )
    if again_of.strip():
        raise Refused(f"Screened before as: {row.number} is recorded already; correct it there.", field="again_of")
    return row


def only_one(slot: Slot) -> None:
    """Refuse to enrol in a slot while another holds a place for the same patient."""
    other = Slot.objects.filter(screening=slot.screening_id, state__in=HOLDS).exclude(pk=slot.pk).first()
    if slot.screening_id and other:
        raise Refused(f"Slot {other.number} is the patient's too; one patient gets one slot.")


def enrolled(slot: Slot) -> None:
    _say(slot, Outcome.ENROLLED)


def declined(slot: Slot) -> None:
    _say(slot, Outcome.DECLINED)


def undeclined(slot: Slot) -> None:
    """The patient did not decline: the screening is open again."""
    if slot.screening is not None and slot.screening.outcome == Outcome.DECLINED:
        _say(slot, "")


def failed(slot: Slot, criterion: EligibilityCriterion) -> None:
    """Nobody is enrolled with a criterion answered no: a screen failure, and the place is free at once."""
    release(slot)
    _say(slot, Outcome.FAILURE, criterion)


def eligible_again(slot: Slot) -> None:
    """The answer that failed was wrong: enrolled he has his place again, before that the screening is open again."""
    row = slot.screening
    if row is not None and row.outcome == Outcome.FAILURE:
        _say(slot, Outcome.ENROLLED if hasattr(slot, "patient") else "")


def _say(slot: Slot, outcome: str, criterion: EligibilityCriterion | None = None) -> None:
    row = slot.screening
    if row is not None and (row.outcome, row.criterion_id) != (outcome, criterion.pk if criterion else None):
        row.outcome, row.criterion = outcome, criterion
        row.save()


def _end(act: Act, row: Screening, outcome: str, criterion: UUID | None) -> None:
    if outcome not in ("", Outcome.FAILURE, Outcome.DECLINED, Outcome.NO_SLOT):
        raise Refused("Outcome: choose screen failure, declined or no slot.", field="outcome")
    if criterion and outcome != Outcome.FAILURE:
        raise Refused("Failed criterion: only of a screen failure.", field="criterion")
    found = EligibilityCriterion.objects.filter(pk=criterion, trial=act.trial_id).first() if criterion else None
    if outcome == Outcome.FAILURE and found is None:
        raise Refused("Failed criterion: say which one; a screen failure has one.", field="criterion")
    row.outcome, row.criterion = outcome, found
    if outcome:
        for slot in Slot.objects.filter(screening=row):
            release(slot)


def _write(act: Act, row: Screening, number: str, on: date, again_of: str) -> None:
    number = number.strip()
    if not number:
        raise Refused("Screening number: an answer is needed.", field="number")
    if number.upper() != row.number.upper() and _used(act, number):
        raise Refused(f"Screening number: {number} was given already; each is used once.", field="number")
    days.at(act, row.site_id).check(on, "Screened on", field="on")
    row.number, row.on, row.again_of = number, on, _before(act, row, again_of.strip())
    row.save()


def _used(act: Act, number: str) -> bool:
    """Whether a screening has the number, or had it before it was corrected."""
    images = RowImage.objects.filter(ledger=act.ledger, table=Screening._meta.db_table)
    return images.filter(image__number__iexact=number).exists()


def _before(act: Act, row: Screening, number: str) -> Screening | None:
    """The same person's screening before: ended, at the same site, named by no other."""
    if not number:
        return None
    before = (
        Screening.objects.filter(trial=act.trial_id, site=row.site_id, number__iexact=number, voided=False)
        .exclude(pk=row.pk)
        .first()
    )
    if before is None:
        raise Refused(f"Screened before as: {number} is no screening number of this site.", field="again_of")
    if not before.outcome or before.outcome == Outcome.ENROLLED:
        state = "is enrolled" if before.outcome else "is still open"
        raise Refused(f"Screened before as: {before.number} {state}; one patient gets one slot.", field="again_of")
    if before.again.filter(voided=False).exclude(pk=row.pk).exists():
        raise Refused(f"Screened before as: {before.number} is named by a later screening already.", field="again_of")
    return before
