"""What a new day alone changes: windows run out, held slots expire, the waiting list moves."""

from uuid import UUID

from trial.record import ledger


def settle(trial: UUID) -> None:
    """Run the consequences for today, as the system. Leaves no trace when nothing differs."""
    with ledger.action(trial, by=None, may=None, verb="day.settle", settle=True):
        pass
