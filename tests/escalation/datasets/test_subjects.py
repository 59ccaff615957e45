"""Who stands in the data sets, by which level, and what the trial is."""

from datetime import UTC, datetime

import pytest

from escalation.datasets import package
from escalation.datasets.shape import datasets, source
from escalation.enrolment import services as enrolment
from patients.consent import services as consents
from tests import factories
from tests.escalation.datasets import fits
from trial import services
from trial.people import corrections

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


def test_country_and_sponsor_stand_where_they_are_recorded():
    study = factories.study().open()
    said = {row["TSPARMCD"]: row for row in fits.rows(sets(study)["TS"])}
    assert (said["SPONSOR"]["TSVAL"], said["SPONSOR"]["TSVALNF"]) == (None, "UNK")
    with study.at():
        corrections.correct_site(
            trial=study.trial.pk, site=study.site.pk, code="01", name="First clinic", country="Norway",
            time_zone=study.site.time_zone, reason="Left out.", by=study.administrator,
        )  # fmt: skip
        corrections.correct_trial(
            trial=study.trial.pk, title=study.trial.title, disease=study.trial.disease, sponsor="A sponsor",
            sponsor_address="A street", reason="Left out.", by=study.administrator,
        )  # fmt: skip
    study.trial.refresh_from_db()
    study.dose()
    study.dose(study.enrol(study.other_coordinator))
    found = sets(study)

    assert [row["COUNTRY"] for row in fits.rows(found["DM"])] == ["Norway", None]
    said = {row["TSPARMCD"]: row for row in fits.rows(found["TS"])}
    assert (said["SPONSOR"]["TSVAL"], said["SPONSOR"]["TSVALNF"]) == ("A sponsor", None)
    of = source(study.trial, study.today, sbcma=False)
    assert package.about(of, datetime(2026, 1, 6, tzinfo=UTC), "1.0").originator == "A sponsor"


def test_the_summary_says_what_the_protocol_says_and_invents_no_registry_number():
    study = factories.study(window_days=21, variant="N")

    said = {row["TSPARMCD"]: row for row in fits.rows(sets(study)["TS"])}

    assert (said["DLTWIN"]["TSVAL"], said["RULE"]["TSVAL"], said["SIMULATE"]["TSVAL"]) == ("P21D", "N", "Y")
    assert (said["REGID"]["TSVAL"], said["REGID"]["TSVALNF"]) == (None, "UNK")


def test_who_was_screened_and_consented_and_has_no_dose_level_yet_stands_with_the_consent():
    study = factories.study().open()
    with study.at():
        slot = enrolment.request_slot(trial=study.trial.pk, screening="S-1", by=study.coordinator)
        consents.record_consent(
            trial=study.trial.pk, slot=slot.pk, version="1.0", given_on=study.today, by=study.coordinator
        )
    found = sets(study)

    (subject,), (signed,) = fits.rows(found["DM"]), fits.rows(found["DS"])
    assert (subject["SUBJID"], subject["RFICDTC"], subject["ARMNRS"]) == ("SCR-S-1", "2026-01-05", "NOT ASSIGNED")
    assert (signed["USUBJID"], signed["DSSEQ"], signed["DSSTDTC"]) == (subject["USUBJID"], 100, "2026-01-05")


def test_a_trial_without_a_protocol_has_its_data_sets_too():
    study = factories.study()
    with study.at():
        bare = services.create_trial(code="bare", title="T" * 250, simulated=True, by=study.administrator)
    found = {one.name: one for one in datasets(source(bare, study.today, sbcma=True))}

    assert [fault for one in found.values() for fault in fits.faults(one)] == []
    assert [name for name, one in found.items() if fits.rows(one)] == ["TS"]
    (title,) = [row for row in fits.rows(found["TS"]) if row["TSPARMCD"] == "TITLE"]
    assert (title["TSVAL"], title["TSVAL1"]) == ("T" * 200, "T" * 50)
