"""An export as somebody gets it: asked for, built, loaded by other programs, and checked by the scripts in it."""

import csv
import hashlib
import io
import json
import math
import shutil
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import dsjframe
import pyreadstat
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from escalation.datasets import exports
from tests import factories
from trial.models import AccessEvent
from trial.paper import artifacts, building
from trial.record import ledger
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])


@pytest.fixture
def study():
    """Three patients: a DLT and a confirmed partial response, a minimal response, progression; one in his window."""
    made = factories.study().open()
    patients = [made.enrol() for _ in range(3)]
    for values in (("2.0", "2.0", "2.0"), ("0.9", "1.4", "2.6"), ("0.8", "1.3", "2.9")):
        for patient, value in zip(patients, values, strict=True):
            made.assess(patient, serum_m=Decimal(value), urine_m=Decimal("0"))
        if values[0] == "2.0":
            for patient in patients:
                made.dose(patient)
            made.dlt(patients[0])
            made.complete(*patients[1:])
        made.later(28)
    made.sign()
    made.dose()
    return made


def asked(study, format="csv", number=None, by=None):
    with study.at():
        return exports.request(trial=study.trial.pk, format=format, number=number, by=by or study.statistician)


def built(study, **of):
    artifact = asked(study, **of)
    assert building.build_one()
    artifact.refresh_from_db()
    assert artifact.state == "done", artifact.last_error
    return b"".join(artifacts.stream(artifact))


def opened(data, where):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(where)
    return where


def check(folder, script="check.py", by=sys.executable):
    run = subprocess.run([by, folder / "capsule" / script, folder], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.long
def test_every_format_holds_the_same_rows_whole_and_the_answers_follow_from_them(study, tmp_path):
    """One study for all of it: what takes long is to play it."""
    kept = {format: built(study, format=format) for format in ("csv", "json", "xpt")}
    plain, json_files, xpt = (opened(data, tmp_path / format) for format, data in kept.items())

    manifest = json.loads((plain / "manifest.json").read_text())
    assert (manifest["record"], manifest["on"]) == (ledger.number_of(study.trial.pk), study.today.isoformat())
    for one in manifest["files"]:
        data = (plain / one["file"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (one["sha256"], one["bytes"])
    for name in [one["dataset"] for one in manifest["files"] if "dataset" in one]:
        rows = table(plain / f"data/{name.lower()}.csv")
        path = json_files / f"data/{name.lower()}.json"
        read = json.loads(path.read_text())
        names = [column["name"] for column in read["columns"]]
        assert dsjframe.validate_dataset(path)["ok"], name
        assert [["" if v is None else str(v) for v in row] for row in read["rows"]] == [list(r.values()) for r in rows]
        back, about = pyreadstat.read_xport(xpt / f"data/{name.lower()}.xpt", disable_datetime_conversion=True)
        assert [n for n in about.column_names if n in names] == names
        assert [said(row, read["columns"]) for row in back.to_dict("records")] == rows, name

    again = tmp_path / "again.zip"
    with study.at():
        call_command("export", study.trial.code, "--format", "xpt", "--output", str(again), stderr=io.StringIO())
    assert again.read_bytes() == kept["xpt"]

    for folder in (plain, xpt):
        code, told = check(folder)
        assert (code, "differs" in told) == (0, False), told
    answers = {(one["figure"], one["group"], one["name"]): one["value"]
               for one in json.loads((plain / "capsule/answers.json").read_text())["answers"]}  # fmt: skip
    advice = study.situation().advice
    for t in advice.tallies:
        told = [answers["tally", str(t.level), name] for name in ("evaluable", "dlts", "pending")]
        assert told == [t.evaluable, t.dlts, t.pending]
    assert answers["recommendation", "all", "action"] == advice.action
    assert (answers["tally", "1", "evaluable"], answers["tally", "1", "dlts"]) == (3, 1)
    assert (answers["tally", "1", "pending"], answers["recommendation", "all", "action"]) == (1, "enrol")
    assert (answers["ORR", "all", "x"], answers["CBR", "all", "x"], answers["ORR", "all", "n"]) == (1, 2, 4)
    assert answers["PFS", "all", "events"] == 1

    other = xpt / "capsule/data/addlt.csv"
    other.write_text(other.read_text().replace(",DLT,", ",NO DLT,", 1))
    code, told = check(xpt)
    assert code == 1
    assert "tally 1 dlts: 1 differs: derived 0" in told
    assert "capsule/data/addlt.csv: its SHA-256 differs" in told
    if r_is_there():
        assert check(plain, "check.R", "Rscript")[0] == 0
        code, told = check(xpt, "check.R", "Rscript")
        assert (code, "tally | 1 | dlts: 1 differs: derived 0" in told) == (1, True)


def r_is_there():
    """Debian's r-base-core and r-cran-survival, which .ci/run installs."""
    asked = ["Rscript", "-e", "library(survival)"]
    return bool(shutil.which("Rscript")) and subprocess.run(asked, capture_output=True, check=False).returncode == 0


def said(row, columns):
    """A row of a transport file as the same row stands in CSV: a split text put together, numbers by their type."""
    found, names = {}, {column["name"] for column in columns}
    for column in columns:
        value = row[column["name"]]
        if isinstance(value, str):
            parts = [f"{column['name'][:7]}{part}" for part in range(1, 9)]
            value += "".join(row.get(part, "") for part in parts if part not in names)
        elif math.isnan(value):
            value = ""
        elif column["dataType"] == "date":
            value = (date(1960, 1, 1) + timedelta(days=value)).isoformat()
        elif column["dataType"] == "integer":
            value = str(int(value))
        else:
            value = f"{Decimal(repr(value)):f}".removesuffix(".0")
        found[column["name"]] = value
    return found


def test_who_asks_is_recorded_and_what_cannot_be_had_is_said(tmp_path):
    study = factories.study().open()
    trial, code = study.trial.pk, study.trial.code
    before = ledger.number_of(trial)

    live, cut = asked(study), asked(study, number=5)
    assert asked(study).pk == live.pk
    assert (live.number, live.on, cut.number, live.without) == (before, study.today, 5, [])
    assert ledger.number_of(trial) == before
    assert AccessEvent.objects.filter(kind="file asked for", user=study.statistician).count() == 3
    with pytest.raises(PermissionDenied):
        asked(study, by=study.coordinator)
    for wrong, rule in (
        ({"format": "sas7bdat"}, "Format: choose one of json, csv, xpt"),
        ({"number": before + 1}, f"Cut: {code} has the record numbers 1 to {before}"),
        ({"number": 0}, "Cut: "),
    ):
        with pytest.raises(Refused, match=rule):
            asked(study, **wrong)
    for given, rule in (
        ((code, "--format", "sav"), "Format: choose one of"),
        ((code, "--cut", "99999"), "record numbers"),
        (("nothing",), "There is no trial with the code nothing"),
        ((code, "--output", str(tmp_path / "no" / "x.zip")), "cannot be written"),
    ):
        with pytest.raises(CommandError, match=rule):
            call_command("export", *given, stdout=io.StringIO(), stderr=io.StringIO())
    assert list(tmp_path.iterdir()) == []
