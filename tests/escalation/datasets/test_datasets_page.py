"""Data sets by page and by REST: who may have them, what is asked for, what a file is."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import dsjframe
import pytest
from django.test import Client
from django.utils import timezone

from tests import factories, rest
from trial.models import AccessEvent, ApiToken
from trial.paper import building
from trial.people import tokens

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])


@pytest.fixture
def study():
    made = factories.study().open()
    made.event(made.dose())
    return made


def browser(user):
    made = Client()
    made.force_login(user)
    return made


def read(answer):
    return b"".join(answer.streaming_content)


def test_an_export_is_asked_for_built_listed_and_taken_by_who_reads_efficacy(study, tmp_path):
    here = f"/trials/{study.trial.code}/datasets/"
    reader, other = browser(study.statistician), browser(study.coordinator)
    assert "None yet" in reader.get(here).text
    answer = reader.post(here, {"format": "csv"})
    assert answer.status_code == 302
    assert reader.post(here, {"format": "csv"})["Location"] == answer["Location"]
    seen = reader.get(here).context["seen"]
    assert reader.get(f"{here}pulse/?seen={seen}").status_code == 204
    building.build_one()

    assert reader.get(f"{here}pulse/?seen={seen}")["HX-Trigger"] == "changed"
    [row] = reader.get(here).context["page"].object_list
    data = read(reader.get(row.file_url))
    assert hashlib.sha256(data).hexdigest() == row.artifact.sha256
    assert "data/adsl.csv" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    for wrong, status, rule in (
        ({"format": "sas7bdat"}, 409, "Format: choose one of json, csv, xpt"),
        ({"format": "csv", "cut": "9999"}, 409, "has the record numbers 1 to"),
        ({"format": "csv", "cut": "last"}, 422, "Data cut: choose one"),
        ({}, 422, "Format: choose one."),
    ):
        answer = reader.post(here, wrong)
        assert (answer.status_code, rule in answer.text) == (status, True), wrong

    path = tmp_path / "ae.json"
    path.write_bytes(read(reader.get(f"{here}AE.json")))
    assert dsjframe.validate_dataset(path)["ok"]
    assert json.loads(path.read_text())["records"] == 1
    for unknown, said in (
        ("XY", "no data set XY."),
        ("A%00", "no data set of that name."),
        ("A" * 300, "of that name."),
    ):
        answer = reader.get(f"{here}{unknown}.json")
        assert answer.status_code == 404 and said in answer.text
        assert "There are TS, DM, DS, IE, EX, AE, LB, RS, SS, FA, ADSL, ADAE, ADEX, ADRS, ADTTE, ADDLT." in answer.text

    assert f'href="{here}"' not in other.get(f"/trials/{study.trial.code}/").text
    for address in (here, f"{here}AE.json", row.url, row.file_url):
        assert other.get(address).status_code == 403
    for answer in (
        other.post(here, {}),
        other.get(f"{here}A%00.json"),
        rest.ask(study.coordinator, "datasets/AE/", study),
        rest.ask(study.coordinator, "datasets/exports/", study),
        rest.send(study.coordinator, "datasets/exports/", study, {}),
    ):
        assert answer.status_code == 403
    refused = AccessEvent.objects.filter(kind="file refused", user=study.coordinator).order_by("at")
    whole = row.artifact.title
    assert [event.detail.partition(", record")[0] for event in refused] == [
        "Data sets", "Data set AE", whole, whole, "Data sets", "Data sets", "Data set AE", "Data sets", "Data sets",
    ]  # fmt: skip
    taken = AccessEvent.objects.filter(kind="file taken", user=study.statistician).order_by("at")
    assert [event.detail.partition(", record")[0] for event in taken] == [
        "Data sets, CSV", "Data set AE, CDISC Dataset-JSON 1.1",
    ]  # fmt: skip


def test_a_program_asks_waits_and_takes_and_a_token_that_ends_meanwhile_ends_no_download(study):
    sets = {one["name"]: one for one in rest.ask(study.statistician, "datasets/", study).json()["results"]}
    assert sets["ADTTE"]["keys"] == ["STUDYID", "USUBJID", "PARAMCD"]
    assert {"name", "label", "type", "length", "codelist", "note"} == set(sets["DM"]["variables"][0])
    assert json.loads(read(rest.ask(study.statistician, "datasets/AE/", study)))["name"] == "AE"
    unknown = rest.ask(study.statistician, "datasets/XY/", study)
    assert unknown.status_code == 404
    assert unknown.json()["detail"] == f"There is no data set XY. There are {', '.join(sets)}."

    asked = rest.send(study.statistician, "datasets/exports/", study, {"format": "json"})
    assert (asked.status_code, asked.json()["state"], asked.json()["file"]) == (202, "waiting", "")
    building.build_one()
    stands = rest.ask(study.statistician, asked["Location"], study).json()
    assert (stands["state"], stands["percent"], stands["kind"]) == ("done", 100, "datasets")
    assert rest.ask(study.statistician, "datasets/exports/", study).json()["results"] == [stands]
    for wrong, status in (({"format": "sav"}, 400), ({"format": "csv", "cut": 99999}, 409), ({}, 400)):
        assert rest.send(study.statistician, "datasets/exports/", study, wrong).status_code == status

    row, secret = tokens.create(user=study.statistician, name="download", scopes="read")
    sent = {"Authorization": f"Bearer {secret}"}
    with study.at():
        begun = Client().get(stands["file"], headers=sent)
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert hashlib.sha256(read(begun)).hexdigest() == stands["sha256"]
    with study.at():
        assert Client().get(stands["file"], headers=sent).status_code == 401
