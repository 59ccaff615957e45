"""What a replay writes: row for row, action for action, in the order in which it always was written.

tests/data/replay_record.txt has a line for each action: its number, its verb, a digest of its head, and each row image
with its own. Where the record is meant to change, remove the file: the test writes it anew, and its diff shows what.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from escalation.demo import replay
from escalation.demo.published import read
from tests.escalation.demo.record import record
from tests.escalation.demo.test_published import PUBLISHED
from trial.models import Ledger
from trial.record import verification

pytestmark = pytest.mark.django_db
KEPT = Path(__file__).parents[2] / "data" / "replay_record.txt"


@pytest.mark.long
def test_a_replay_of_24_patients_writes_the_record_that_it_always_wrote():
    with time_machine.travel(datetime(2026, 9, 1, 12, tzinfo=UTC)):
        replay.play(read(PUBLISHED.read_bytes())[1], replay.cast_of_replays())

    actions = record()
    if not KEPT.exists():
        KEPT.write_text("".join(f"{action.line}\n" for action in actions))
        pytest.fail(f"{KEPT} is written anew: compare it with the one before.")
    kept = KEPT.read_text().splitlines()
    for action, line in zip(actions, kept, strict=False):
        assert action.line == line, f"It writes now:\n{action.text}"
    assert len(actions) == len(kept)
    for ledger in Ledger.objects.all():
        assert verification.verify(ledger) == []
