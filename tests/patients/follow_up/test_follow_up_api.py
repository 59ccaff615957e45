"""REST of follow-up: what is known of each patient, within the reader's sites."""

import pytest

from assessments.response.follow_up import record_follow_up
from patients.follow_up.services import Followed
from tests import factories, rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Patient 001 of site 01 died on 4 February; of patient 002 of site 02 the last contact is known."""
    made = factories.study().open()
    mine, theirs = made.dose(), made.dose(made.enrol(made.other_coordinator))
    made.later(30)
    for patient, said, by in (
        (mine, Followed(died_on=made.today, death_cause="progression"), made.coordinator),
        (theirs, Followed(last_contact_on=made.today), made.other_coordinator),
    ):
        with made.at():
            record_follow_up(trial=made.trial.pk, patient=patient.pk, said=said, by=by)
    return made


def test_follow_up_is_given_by_patient(study):
    first, second = rest.ask(study.statistician, "follow-up/", study).json()["results"]

    assert (first["patient"], first["died_on"], first["death_cause"]) == ("001", "2026-02-04", "progression")
    assert (second["patient"], second["last_contact_on"], second["died_on"]) == ("002", "2026-02-04", None)


def test_another_sites_is_not_given(study):
    (own,) = rest.ask(study.other_investigator, "follow-up/", study).json()["results"]

    assert own["patient"] == "002"
    assert rest.ask(study.administrator, "follow-up/", study).status_code in (403, 404)
