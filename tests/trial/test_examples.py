"""The Python client of examples/, against the live server."""

import csv
import importlib.util
from pathlib import Path

import pytest

from tests import factories, rest

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT = Path(__file__).resolve().parents[2] / "examples" / "python" / "pull.py"


@pytest.fixture
def client():
    spec = importlib.util.spec_from_file_location("pull", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_takes_what_there_is_once_and_says_what_is_refused(client, live_server, settings, tmp_path, monkeypatch):
    study = factories.study().open()
    patient = study.dose()
    study.event(patient, term="Nausea", grade=2)
    study.event(patient, term="Fatigue", grade=1)
    code, trials = study.trial.code, client.Trials(live_server.url, rest.secret(study.dsmb))

    assert client.pull(trials, code, tmp_path) == f"The status and 2 adverse events are in {tmp_path}."
    with (tmp_path / "events.csv").open(newline="") as file:
        assert [(row["term"], row["grade"]) for row in csv.DictReader(file)] == [("Nausea", "2"), ("Fatigue", "1")]
    assert client.pull(trials, code, tmp_path) == "Nothing has changed."
    one_by_one = list(trials.rows(f"trials/{study.trial.pk}/events/?limit=1"))
    assert [row["term"] for row in one_by_one] == ["Nausea", "Fatigue"]
    with pytest.raises(client.Refused, match="No trial of yours"):
        client.pull(trials, "another", tmp_path)
    with pytest.raises(client.Refused, match="401: This token is unknown or revoked"):
        client.pull(client.Trials(live_server.url, "esc_1234_none"), code, tmp_path)

    waited = []
    monkeypatch.setattr(client.time, "sleep", waited.append)
    settings.API_RATE = 1
    with pytest.raises(client.Refused, match="429: "):
        client.pull(client.Trials(live_server.url, rest.secret(study.dsmb)), code, tmp_path)
    assert len(waited) >= client.TRIES - 1 and all(0 < seconds <= 60 for seconds in waited)
