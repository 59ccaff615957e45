"""Data sets of a cut: those of the record as it was, but for the samples of who has left the sub-study since."""

import zipfile

import pytest

from escalation.datasets import exports, shape
from patients.consent import services as consents
from patients.models import Consent
from tests.escalation.datasets import fits, story
from trial.record import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def read(study, on, *, sbcma=True, number=None):
    with shape.shown(study.trial, on, number=number, sbcma=sbcma) as source:
        return {one.name: fits.rows(one) for one in shape.datasets(source)}


def without_samples(sets):
    assert any(row["LBTESTCD"] == "BCMA" for row in sets["LB"])
    return sets | {"LB": [row for row in sets["LB"] if row["LBTESTCD"] != "BCMA"]}


def readme(study, number, where):
    written = exports.to_file(study.trial, "csv", number, where / "all.zip", say=lambda percent, step: None)
    return zipfile.ZipFile(written.path).read("README.txt").decode()


def test_a_cut_stays_what_it_was_but_for_samples_that_may_not_be_read_any_more(tmp_path):
    study = story.told()
    number, on = ledger.number_of(study.trial.pk), study.today
    live = read(study, on)
    assert read(study, on, number=number) == live

    veiled = read(study, on, sbcma=False)
    assert veiled["LB"] == without_samples(live)["LB"]
    assert {row["BMKFL"] for row in veiled["ADSL"]} == {None}

    assert "Left out" not in readme(study, number, tmp_path)
    given = Consent.objects.get(trial=study.trial, kind="biomarker")
    study.later(1)
    with study.at():
        consents.withdraw_consent(
            trial=study.trial.pk, consent=given.pk, on=study.today, reason="As he asked.", by=study.coordinator
        )
    after = read(study, on, number=number)

    assert [row["BMKFL"] for row in after["ADSL"]] == ["N", "N", "N"]
    assert after | {"ADSL": live["ADSL"]} == without_samples(live)
    assert "\n\nLeft out: every sBCMA value of 1 patient who took" in readme(study, number, tmp_path)
