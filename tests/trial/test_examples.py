"""The Python client of examples/, against the live server."""

import csv
import importlib.util
from pathlib import Path

import pytest

from tests import factories, rest
from trial.operations import rate

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT = Path(__file__).resolve().parents[2] / "examples" / "python" / "pull.py"


@pytest.fixture
def client():
    spec = importlib.util.spec_from_file_location("pull", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_takes_what_there_is_once_and_says_what_is_refused(client, live_server, settings, tmp_path, monkeypatch):
    study = factories.study().open()
    patient = study.dose()
    study.event(patient, term="Nausea", grade=2)
    study.event(patient, term="Fatigue", grade=1)
    code, trials = study.trial.code, client.Trials(live_server.url, rest.secret(study.dsmb))

    assert client.pull(trials, code, tmp_path) == f"The status and ADDLT (1 rows) are in {tmp_path}."
    assert [(row["SUBJID"], row["DLTSTAT"]) for row in table(tmp_path / "addlt.csv")] == [(patient.code, "PENDING")]
    assert client.pull(trials, code, tmp_path) == "Nothing has changed."
    more = client.pull(trials, code, tmp_path, ["ADDLT", "AE"])  # there is no AE yet
    assert more == f"The status and ADDLT (1 rows), AE (2 rows) are in {tmp_path}."
    assert [(row["AETERM"], row["AETOXGR"]) for row in table(tmp_path / "ae.csv")] == [
        ("Nausea", "2"),
        ("Fatigue", "1"),
    ]
    one_by_one = list(trials.rows(f"trials/{study.trial.pk}/events/?limit=1"))
    assert [row["term"] for row in one_by_one] == ["Nausea", "Fatigue"]
    with pytest.raises(client.Refused, match="404: There is no data set XY"):
        client.pull(trials, code, tmp_path, ["XY"])
    with pytest.raises(client.Refused, match="403: As Coordinator"):
        client.pull(client.Trials(live_server.url, rest.secret(study.coordinator)), code, tmp_path / "other")
    with pytest.raises(client.Refused, match="No trial of yours"):
        client.pull(trials, "another", tmp_path)
    with pytest.raises(client.Refused, match="401: This token is unknown or revoked"):
        client.pull(client.Trials(live_server.url, "esc_1234_none"), code, tmp_path)

    waited = []
    monkeypatch.setattr(client.time, "sleep", waited.append)
    settings.API_RATE = 1
    monkeypatch.setattr(rate, "_counted", lambda key: 2)  # on a busy machine the broker may be too slow to count
    with pytest.raises(client.Refused, match="429: "):
        client.pull(client.Trials(live_server.url, rest.secret(study.dsmb)), code, tmp_path)
    assert len(waited) >= client.TRIES - 1 and all(0 < seconds <= 60 for seconds in waited)
