"""Who stands in the data sets, by which level, and what the trial is."""

import pytest

from escalation.datasets.shape import datasets, source
from tests import factories
from tests.escalation.datasets import fits

pytestmark = pytest.mark.django_db


def sets(study, sbcma=False):
    return {one.name: one for one in datasets(source(study.trial, study.today, sbcma=sbcma))}


def test_who_was_enrolled_and_not_dosed_has_no_study_day_and_says_why():
    study = factories.study().open()
    study.later(3).dose()
    study.enrol()

    treated, waiting = fits.rows(sets(study)["DM"])

    assert (treated["RFSTDTC"], treated["DMDY"], treated["ARM"], treated["ACTARM"]) == ("2026-01-08", 1, "1", "1")
    assert (waiting["RFSTDTC"], waiting["DMDY"], waiting["ACTARM"]) == (None, None, None)
    assert waiting["ARMNRS"] == "ASSIGNED, NOT TREATED"
    assert {treated[name] for name in ("AGE", "SEX", "RACE", "ETHNIC")} == {None}


def test_the_summary_says_what_the_protocol_says_and_invents_no_registry_number():
    study = factories.study(window_days=21, variant="N")

    said = {row["TSPARMCD"]: row for row in fits.rows(sets(study)["TS"])}

    assert (said["DLTWIN"]["TSVAL"], said["RULE"]["TSVAL"], said["SIMULATE"]["TSVAL"]) == ("P21D", "N", "Y")
    assert (said["REGID"]["TSVAL"], said["REGID"]["TSVALNF"]) == (None, "UNK")
