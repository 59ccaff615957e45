"""The rules of a meeting that are decided from plain values: where it stands, and what its votes carry.

The protocol asks for signatures, not for a quorum (docs/domain.md, section 10): one vote in force is enough to sign,
and dissent is kept beside the outcome.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

Boldness = tuple[int, int]  # rank of the outcome, then position of its level (0: none); greater is bolder


class Stage(StrEnum):
    CALLED = "called"  # the cut-off is still to come
    COLLECTING = "collecting"  # the cut-off is reached, no cut is frozen
    VOTING = "voting"  # the last cut still shows the facts
    STALE = "stale"  # the facts have changed since the last cut
    SIGNING = "signing"  # an outcome is proposed and waits for signatures
    DECIDED = "decided"  # its decision is in force
    CLOSED = "closed"  # ended without a decision


def stage(
    *, today: date, cut_off: date, frozen: bool, stands: bool, proposed: bool, decided: bool, closed: bool
) -> Stage:
    """Where a meeting stands. frozen: it has a cut; stands: the last cut still shows the facts."""
    if decided:
        return Stage.DECIDED
    if closed:
        return Stage.CLOSED
    if frozen and not stands:
        return Stage.STALE
    if proposed:
        return Stage.SIGNING
    if frozen:
        return Stage.VOTING
    return Stage.COLLECTING if today >= cut_off else Stage.CALLED


def carried(votes: Sequence[Boldness]) -> Boldness | None:
    """The boldest outcome that more than half of the votes accept; abstentions are left out by the caller.

    A member accepts what he votes for and everything more cautious, so a tie falls to the more cautious side.
    None without votes.
    """
    accepted = (
        choice for choice in sorted(set(votes), reverse=True) if 2 * sum(vote >= choice for vote in votes) > len(votes)
    )
    return next(accepted, None)
