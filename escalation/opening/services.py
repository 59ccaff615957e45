"""Opening a trial that already runs: proposed with the first signature, in force with the last.

What was decided on paper is taken as it is, with its day and its reference: nobody recomputes it here. The first
decision signed here follows the engine, on the patients entered under the opening.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from trial import clock, notices
from trial.models import NoticeKind, User
from trial.people.proof import Proof
from trial.people.services import people_with
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused, Stale
from trial.roles import May
from trial.services import next_number

from ..models import PaperEnding, PaperOpening
from ..signing import services as signing
from ..situation import queries
from ..situation.situation import Situation
from . import paper
from .paper import OnPaper

NAME = "the opening of the running trial"


def propose(
    *,
    trial: UUID,
    levels: Sequence[OnPaper],
    reason: str,
    proof: Proof,
    by: User,
    key: UUID | None = None,
) -> PaperOpening:
    """Say which levels were opened on paper, when and by which decision, in order; and sign it."""
    asked = (reason, *((one.dose_level, one.on, one.reference) for one in levels))
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="opening.sign", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return PaperOpening.objects.get(pk=act.earlier)
        here = queries.under(act)
        _may_open(here)
        if waits := proposed(trial):
            raise Refused(f"{NAME.capitalize()} waits for its signatures. Sign it, or withdraw it: no. {waits.number}.")
        paper.check(here, levels, act.clinical_date)
        if not reason.strip():
            raise Refused("Reason: say why the trial is brought in; it stands under the opening.", field="reason")
        row = _proposed(act, here, levels, reason, proof)
        act.result(row.pk)
        return row


def correct(
    *,
    trial: UUID,
    levels: Sequence[OnPaper],
    taken_back: Sequence[int] = (),
    seen: int | None = None,
    reason: str,
    proof: Proof,
    by: User,
    key: UUID | None = None,
) -> PaperOpening:
    """Say what should stand in place of the opening in force, with a reason, and sign it; it is signed as that was.

    levels: all decisions on paper as they should stand. taken_back: the numbers of those in force that were none.
    seen: the number of the opening on the person's screen.
    """
    asked = (seen, reason, sorted(taken_back), *((one.cohort, one.dose_level, one.on, one.reference) for one in levels))
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="opening.correct", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return PaperOpening.objects.get(pk=act.earlier)
        here, standing = queries.under(act), in_force(trial)
        if standing is None:
            raise Refused(f"{NAME.capitalize()} is not in force, so there is nothing to correct.")
        if seen is not None and standing.number != seen:
            raise Stale(
                f"{NAME.capitalize()} was corrected by {standing.proposed_by.name} since you opened the form. What you "
                "typed is kept: compare and sign again."
            )
        if waits := proposed(trial):
            raise Refused(f"A correction waits for its signatures. Sign it, or withdraw it: no. {waits.number}.")
        paper.complete(here, levels, taken_back)
        paper.check_correction(here, levels, _brought_in(here))
        if not reason.strip():
            raise Refused("Reason: a correction of the opening needs one.", field="reason")
        row = _proposed(act, here, levels, reason, proof, corrects=standing)
        act.result(row.pk)
        return row


def countersign(*, trial: UUID, opening: UUID, proof: Proof, by: User, key: UUID | None = None) -> PaperOpening:
    """Add a signature; with the last one it is in force, and patients are entered under it."""
    with ledger.action(trial, by=by, may=May.SIGN_DECISION, verb="opening.sign", key=key, asked=(opening,)) as act:
        row = PaperOpening.objects.select_related("ending").get(pk=opening, trial=trial)
        if act.earlier:
            return row
        if getattr(row, "ending", None):
            raise Refused(f"{NAME.capitalize()} no longer waits for signatures.")
        here = queries.under(act)
        if row.corrects_id:
            paper.check_correction(here, paper.read(row), _brought_in(here))  # who was entered since may contradict it
        else:
            _may_open(here)
        if row.protocol_id != here.protocol.version.pk:
            raise Refused("The protocol was amended since this was proposed. Withdraw it and propose it anew.")
        _sign(act, here, row, proof)
        act.result(row.pk)
        return row


def withdraw(*, trial: UUID, opening: UUID, reason: str, by: User, key: UUID | None = None) -> PaperOpening:
    """Take a proposed opening back, with a reason, before it is in force."""
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="opening.withdraw", reason=reason, key=key, asked=(opening, reason)
    ) as act:
        row = PaperOpening.objects.select_related("ending").get(pk=opening, trial=trial)
        if act.earlier:
            return row
        signing.check_withdrawal(NAME.capitalize(), reason, ended=getattr(row, "ending", None) is not None)
        _end(act, row, in_force=False, reason=reason)
        act.result(row.pk)
        return row


def proposed(trial: UUID) -> PaperOpening | None:
    """The opening, or the correction of it, that waits for signatures."""
    return PaperOpening.objects.filter(trial=trial, ending=None).select_related("proposed_by", "protocol").last()


def in_force(trial: UUID) -> PaperOpening | None:
    """What the opening says now: as it was signed first, or as it was corrected last."""
    every = signed_openings(trial)
    return every[-1] if every else None


def signed_openings(trial: UUID) -> list[PaperOpening]:
    """The opening as it came in force, and each of its corrections, in order."""
    known = PaperOpening.objects.filter(trial=trial, ending__in_force=True)
    return list(known.select_related("ending", "proposed_by").order_by("number"))


def content_hash(row: PaperOpening) -> str:
    """SHA-256 of what is signed."""
    content = [str(row.trial_id), "opening", row.levels, row.reason, str(row.protocol_id)]
    return signing.content_hash([*content, *([str(row.corrects_id)] if row.corrects_id else [])])


def _may_open(here: Situation) -> None:
    if here.in_force or here.proposed or here.paper or here.facts:
        raise Refused("This trial has decisions or patients here already; only a trial without any is brought in.")


def _brought_in(here: Situation) -> date:
    return clock.clinical_date(min(cohort.opened_at for cohort in here.paper), here.trial.time_zone)


def _proposed(
    act: Act,
    here: Situation,
    levels: Sequence[OnPaper],
    reason: str,
    proof: Proof,
    corrects: PaperOpening | None = None,
) -> PaperOpening:
    """Written, with its first signature."""
    assert act.by is not None
    row = PaperOpening(
        trial_id=act.trial_id,
        number=next_number(PaperOpening, act.trial_id),
        levels=paper.stored(here, levels),
        reason=reason,
        corrects=corrects,
        protocol=here.protocol.version,
        proposed_by=act.by,
        proposed_at=act.now,
    )
    row.content = content_hash(row)
    row.save()
    _sign(act, here, row, proof)
    return row


def _sign(act: Act, here: Situation, row: PaperOpening, proof: Proof) -> None:
    if not signing.sign(act, here, subject=row.pk, content=row.content, name=NAME, page="opening/", proof=proof):
        return
    paper.open_levels(act, here, row)
    _end(act, row, in_force=True)
    if row.corrects_id:
        notices.post(
            trial=here.trial,
            to=people_with(here.trial.pk, May.SIGN_DECISION),
            key=f"opening-{row.pk}",
            kind=NoticeKind.DECISION,
            page="opening/",
            subject=f"{here.trial.code}: {NAME} is corrected",
            text=f"{row.reason} Decisions signed here before stood on it as it was; their pages say so.",
        )


def _end(act: Act, row: PaperOpening, *, in_force: bool, reason: str = "") -> None:
    PaperEnding.objects.create(
        trial_id=row.trial_id, opening=row, in_force=in_force, reason=reason, at=act.now, on=act.clinical_date
    )
