"""Opening a trial that already runs: proposed with the first signature, in force with the last.

What was decided on paper is taken as it is, with its day and its reference: nobody recomputes it here. The first
decision signed here follows the engine, on the patients entered under the opening.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients.days import HISTORY
from patients.models import Cohort
from trial.dates import shown
from trial.models import User
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..models import PaperEnding, PaperOpening
from ..signing import services as signing
from ..signing.proof import Proof
from ..situation import queries
from ..situation.situation import Situation

NAME = "the opening of the running trial"


@dataclass(frozen=True, slots=True)
class OnPaper:
    """One decision on paper that opened a level."""

    dose_level: UUID
    on: date
    reference: str


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
        _check(act, here, levels)
        if not reason.strip():
            raise Refused("Reason: say why the trial is brought in; it stands under the opening.", field="reason")
        assert act.by is not None
        labels = {level.pk: level.label for level in here.protocol.levels}
        row = PaperOpening(
            trial_id=trial,
            number=next_number(PaperOpening, trial),
            levels=[
                {
                    "dose_level": str(one.dose_level),
                    "label": labels[one.dose_level],
                    "on": one.on.isoformat(),
                    "reference": one.reference.strip(),
                }
                for one in levels
            ],
            reason=reason,
            protocol=here.protocol.version,
            proposed_by=act.by,
            proposed_at=act.now,
        )
        row.content = content_hash(row)
        row.save()
        _sign(act, here, row, proof)
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
    """The opening that waits for signatures."""
    return PaperOpening.objects.filter(trial=trial, ending=None).select_related("proposed_by", "protocol").last()


def in_force(trial: UUID) -> PaperOpening | None:
    return PaperOpening.objects.filter(trial=trial, ending__in_force=True).select_related("ending").first()


def content_hash(row: PaperOpening) -> str:
    """SHA-256 of what is signed."""
    return signing.content_hash([str(row.trial_id), "opening", row.levels, row.reason, str(row.protocol_id)])


def _may_open(here: Situation) -> None:
    if here.in_force or here.proposed or here.paper or here.facts:
        raise Refused("This trial has decisions or patients here already; only a trial without any is brought in.")


def _check(act: Act, here: Situation, levels: Sequence[OnPaper]) -> None:
    if not levels:
        raise Refused("Levels: name at least one level that was opened on paper.", field="levels")
    before: date | None = None
    for k, one in enumerate(levels, 1):
        what = f"Decision {k}"
        if here.protocol.position(one.dose_level) is None:
            raise Refused(f"{what}: this level is not on the ladder.", field=f"level_{k}")
        if not HISTORY <= one.on <= act.clinical_date:
            raise Refused(f"{what}: {shown(one.on)} must lie between 1900 and today.", field=f"on_{k}")
        if before and one.on < before:
            raise Refused(f"{what}: {shown(one.on)} is before the decision above; list them in order.", field=f"on_{k}")
        if not one.reference.strip():
            raise Refused(f"{what}: name the paper on which it stands.", field=f"reference_{k}")
        before = one.on


def _sign(act: Act, here: Situation, row: PaperOpening, proof: Proof) -> None:
    if not signing.sign(act, here, subject=row.pk, content=row.content, name=NAME, proof=proof):
        return
    rule = queries.rule_of(here.protocol.settings)
    seen: set[str] = set()
    for said in row.levels:
        Cohort.objects.create(
            trial_id=row.trial_id,
            number=next_number(Cohort, row.trial_id),
            dose_level_id=UUID(said["dose_level"]),
            places=rule.b if said["dose_level"] in seen else rule.a,
            opened_at=act.now,
            closed_at=act.now,
            paper_on=date.fromisoformat(said["on"]),
            paper_reference=said["reference"],
        )
        seen.add(said["dose_level"])
    _end(act, row, in_force=True)


def _end(act: Act, row: PaperOpening, *, in_force: bool, reason: str = "") -> None:
    PaperEnding.objects.create(
        trial_id=row.trial_id, opening=row, in_force=in_force, reason=reason, at=act.now, on=act.clinical_date
    )
