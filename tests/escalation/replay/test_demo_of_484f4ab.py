"""Decisions that an earlier release stored replay to themselves under this one (tests/data/README.md)."""

import gzip
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from escalation.models import Decision
from escalation.replay import decision as decision_replay
from tests import snapshots
from trial import protocol_settings
from trial.models import ProtocolVersion

pytestmark = pytest.mark.django_db

ROWS = Path(__file__).parents[2] / "data" / "demo_484f4ab.rows.gz"


@pytest.fixture
def demo():
    """The trials of the demo, one of them in mid-course, and the images that their past is read from."""
    with gzip.open(ROWS, "rt", encoding="utf-8") as lines:
        kept = dict(line.rstrip("\n").split("\t", 1) for line in lines)
    # what an update of the program gives to rows that are there
    users = [{"sessions_ended": 0} | user for user in json.loads(kept["trial_user"])]
    kept["trial_user"] = json.dumps(users)
    snapshots.paste({table: {"all": rows[1:-1]} for table, rows in kept.items()})


def test_every_protocol_version_of_then_is_read(demo):
    found = [protocol_settings.from_json(version.settings) for version in ProtocolVersion.objects.all()]

    assert len(found) == 4
    assert {(s.criteria["H5"], s.exception_grade, s.haematological) for s in found} == {(False, 4, None)}


def test_every_decision_of_then_replays_to_itself(demo, capsys):
    call_command("verify_decisions")

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "26 decisions of 4 trials replayed"
    assert all("replayed, the same (engine 1, rules 1, " in line for line in lines[:-1])


def test_the_patients_of_then_are_rebuilt_one_by_one(demo):
    decision = Decision.objects.get(trial__code="demo-srm", number=3)

    found = decision_replay.replay(decision)

    assert found.holds
    assert [row.rebuilt["outcome"] for row in found.patients] == [
        *["no_dlt"] * 4, "dlt", "no_dlt", "no_dlt", "not_evaluable", "no_dlt", "no_dlt",
    ]  # fmt: skip
