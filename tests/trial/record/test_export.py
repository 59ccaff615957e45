"""A trail taken out with its proof: checked by the program that lies in it, and by that alone."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.review import services as review
from tests import factories
from trial import clock
from trial.models import AccessEvent, Ledger
from trial.record import access_events, anchors, export
from trial.record.verify_export import check

pytestmark = pytest.mark.django_db
REASON = "the transfusion came before the count"


@pytest.fixture
def taken(tmp_path):
    """The unpacked files; on the trail a signed decision, an anchor, and a verdict that is shut."""
    study = factories.study().open()
    event = study.event(study.dose())
    tomorrow = timezone.now() + timedelta(days=1)
    with patch.object(clock, "of_database", lambda: tomorrow), patch.object(anchors.clocks, "agree", lambda: True):
        anchors.write()
    with study.at():
        review.give_verdict(
            trial=study.trial.pk, event=event.pk, is_dlt=True, criterion="H3", reason=REASON, by=study.investigator
        )
        client = Client()
        client.force_login(study.auditor)
        with patch.object(export, "AT_ONCE", 5):
            response = client.get(reverse("trial:audit_proof", args=[study.trial.code]))
            pieces = list(response.streaming_content)
    assert len([piece for piece in pieces if piece]) > 1  # sent as it is read
    (tmp_path / "trail.zip").write_bytes(b"".join(pieces))
    zipfile.ZipFile(io.BytesIO(b"".join(pieces))).extractall(tmp_path)
    return study, tmp_path


def test_the_trail_is_checked_without_the_program_and_says_who_took_it(taken):
    study, folder = taken
    number = Ledger.objects.get(trial=study.trial).number
    kept = anchors.latest().hash

    for where in ([], [folder / "trail.zip"]):
        ran = subprocess.run(
            [sys.executable, "-I", folder / "verify_export.py", *where, "--anchor", kept],
            cwd="/",
            capture_output=True,
            text=True,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.startswith(f"{study.trial.code}: {number} events and 1 anchors, taken out ")
        assert "; 1 without their text, shut until a second verdict is given: everything agrees." in ran.stdout
    text = (folder / "trail.jsonl").read_text()
    assert REASON not in text
    assert "Relapsed or refractory multiple myeloma" in text
    assert json.loads((folder / "trail.json").read_text())["people"][str(study.dsmb.pk)] == study.dsmb.name
    told = AccessEvent.objects.get(kind=access_events.EXPORT)
    assert (told.user, told.trial) == (study.auditor, study.trial)
    assert told.detail == f"audit trail with its proof, {number} events"


def edited(name, change):
    def edit(folder):
        lines = (folder / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(change(lines)))

    return edit


def without_hash(line):
    one = json.loads(line)
    return json.dumps(one | {"body": one["body"].replace("First clinic", "x")}) + "\n"


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (edited("trail.jsonl", lambda said: [without_hash(line) if "First clinic" in line else line for line in said]),
         "Event 2: its text does not have its hash."),
        (edited("trail.jsonl", lambda said: [*said[:3], *said[4:]]), "Event 5: number 4 is missing before it."),
        (edited("trail.jsonl", lambda said: said[:-1]), "is not the head that was exported"),
        (edited("trail.jsonl", lambda said: [said[1], said[0], *said[2:]]), "Event 2: number 1 is missing before it."),
        (edited("anchors.jsonl", lambda said: [said[0].replace('"number": 1', '"number": 2')]), "Anchor 2: it does"),
        (lambda folder: None, "No anchor has the hash 00ff."),
    ],
)  # fmt: skip
def test_what_was_changed_after_it_was_taken_is_named(taken, edit, sentence):
    _, folder = taken
    edit(folder)

    _, wrong = check(folder, "00ff")

    assert sentence in " ".join(wrong)
