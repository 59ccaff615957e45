"""REST of the response: the list and one course with all that it stands on, within the reader's sites."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories, rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """001: serum 3.0 at baseline (day of the first dose), then 2.0 (MR) and 1.5 g/dL (PR) four weeks apart."""
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="3.0", urine_m="100")
    made.visits = [made.later(28).assess(made.patient, serum_m=v, urine_m="<40") for v in ("2.0", "1.5")]
    return made


def one(study, who="statistician"):
    return rest.ask(getattr(study, who), f"patients/{study.patient.pk}/response/", study)


def test_the_list_has_the_treated_patients_with_their_derived_response(study):
    study.enrol()
    (row,) = rest.ask(study.statistician, "responses/", study).json()["results"]

    assert (row["patient"], row["level"], row["first_dose_on"]) == ("001", "1", "2026-01-05")
    assert row["measurable"] == [{"parameter": "serum_m", "value": "3", "unit": "g/dL"}]
    assert row["best_confirmed"] == {"response": "MR", "date": "2026-02-02"}  # confirmed by the better PR
    assert row["best_unconfirmed"] == {"response": "PR", "date": "2026-03-02"}
    assert (row["best_change"], row["followed"]) == ("-50", "serum_m")
    assert (row["last_on"], row["last_derived"], row["last_confirmed"]) == ("2026-03-02", "PR", "MR")
    assert (row["differences_open"], row["waiting"], row["progression_on"]) == (0, 2, None)


def test_one_course_has_values_reasons_nadirs_and_times_and_names_its_cut(study):
    study.judge(study.visits[0], "SD")
    said = one(study).json()

    assert (said["on"], said["protocol_version"]) == ("2026-03-02", 1)
    assert said["number"] > 0
    assert said["baseline"] == {"serum_m": "3", "urine_m": "100"}
    base, first, second = said["assessments"]
    assert (base["derived"], base["difference"]) == (None, "none")
    assert (first["derived"], first["difference"], first["investigator"]["category"]) == ("MR", "open", "SD")
    assert first["because"] == "Serum M-protein 2 g/dL: a fall of 33.3 % from 3."
    assert first["change"] == "-33.333333"
    assert first["nadirs"] == [{"parameter": "serum_m", "nadir": "3", "progression_from": "3.75"}]
    below = next(m for m in second["measurements"] if m["parameter"] == "urine_m")
    assert (below["state"], below["entered"], below["unit"]) == ("below_limit", "40", "mg/24 h")
    assert said["times"]["PFS"] == {
        "event": False,
        "days": 56,
        "since": "2026-01-05",
        "on": "2026-03-02",
        "because": "censored: last adequate assessment 2026-03-02",
        "stands_on": "assessment",
        "row": study.visits[1].code,
    }
    assert said["times"]["DOR"]["days"] == 28


def test_before_the_first_dose_nothing_is_derived(study):
    study.patient = study.enrol()
    study.assess(study.patient, serum_m="3.0")
    said = one(study).json()

    assert (said["best_confirmed"], said["times"], said["first_dose_on"]) == (None, None, None)
    assert [row["derived"] for row in said["assessments"]] == [None]


@pytest.mark.parametrize(
    ("who", "status", "listed"),
    [
        ("investigator", 200, 1),
        ("auditor", 200, 1),
        ("other_investigator", 404, 0),
        ("other_coordinator", 404, 0),
    ],
)
def test_within_the_readers_sites(study, who, status, listed):
    assert one(study, who).status_code == status
    assert rest.ask(getattr(study, who), "responses/", study).json()["count"] == listed


def test_the_administrator_and_a_stranger_read_nothing(study):
    other = factories.study()

    assert one(study, "administrator").status_code == 403
    assert rest.ask(other.statistician, f"patients/{study.patient.pk}/response/", other).status_code == 404
    assert rest.ask(other.statistician, "responses/", study).status_code == 404


def test_the_number_of_queries_does_not_grow(study):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert rest.ask(study.statistician, "responses/", study).status_code == 200
        return len(queries)

    few = [asked() for _ in range(2)][1]
    study.assess(study.dose(), serum_m="2.0")

    assert asked() == few
