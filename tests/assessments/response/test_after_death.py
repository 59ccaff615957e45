"""Nothing is dated after a death: not what is entered later, nor what a death entered later would leave behind."""

from datetime import time, timedelta
from decimal import Decimal

import pytest

from assessments.biomarker import services as biomarker
from assessments.events import services as events
from assessments.response.follow_up import record_follow_up
from patients.consent import services as consent
from patients.dosing import services as dosing
from patients.follow_up.leaving import leave_study
from patients.follow_up.services import Followed
from patients.models import Consent
from tests import factories
from trial.models import Drug
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Dosed on 5 Jan 2026; it is 4 Feb."""
    made = factories.study().open()
    made.patient = made.dose()
    return made.later(30)


def die(study, days_ago, **more):
    with study.at():
        return record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, by=study.coordinator,
            said=Followed(died_on=study.today - timedelta(days=days_ago), death_cause="other"), **more,
        )  # fmt: skip


def report(study, **said):
    """A mild nausea."""
    relations = {drug.pk: "possible" for drug in Drug.objects.filter(trial=study.trial)}
    return events.EventReport(**{"term": "Nausea", "grade": 1, "relations": relations, "qualifiers": {}} | said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"onset": 1}, r"Onset: 3 Feb 2026 is after the patient's death \(2 Feb 2026\)"),
        ({"onset": 5, "ended": 1}, r"End: 3 Feb 2026 is after the patient's death \(2 Feb 2026\)"),
    ],
)
def test_an_event_neither_begins_nor_ends_after_it(study, said, sentence):
    die(study, 2)
    days = {f"{name}_on": study.today - timedelta(days=ago) for name, ago in said.items()}

    with study.at(), pytest.raises(Refused, match=sentence):
        events.report_event(
            trial=study.trial.pk, patient=study.patient.pk, report=report(study, **days), by=study.investigator
        )


def test_an_event_of_the_day_of_death_is_reported_and_learned_of_later(study):
    die(study, 2)
    died = study.today - timedelta(days=2)

    with study.at():
        said = report(
            study, term="Sepsis", grade=5, onset_on=died, ended_on=died, aware_on=study.today,
            serious=True, serious_criteria=["death"],
        )  # fmt: skip
        event = events.report_event(trial=study.trial.pk, patient=study.patient.pk, report=said, by=study.investigator)

    assert event.number == 1


def test_an_sbcma_sample_is_not_taken_after_it(study):
    with study.at():
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="ELISA", lower_limit=Decimal(5), by=study.medical_monitor
        )
        consent.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind=Consent.Kind.BIOMARKER, version="1.0",
            given_on=study.today - timedelta(days=20), by=study.coordinator,
        )  # fmt: skip
        die(study, 2)
        with pytest.raises(Refused, match=r"Taken on: 3 Feb 2026 is after the patient's death \(2 Feb 2026\)"):
            biomarker.record_sample(
                trial=study.trial.pk, patient=study.patient.pk, taken_on=study.today - timedelta(days=1),
                taken_at=time(8), reading=biomarker.Reading(assay.pk, "1", Decimal(50)), by=study.coordinator,
            )  # fmt: skip


def test_a_death_before_what_is_recorded_names_it(study):
    study.event(study.patient, grade=1, term="Nausea", onset_on=study.today - timedelta(days=3))
    study.assess(study.patient, visit_on=study.today - timedelta(days=2), serum_m="not done")
    with study.at():
        for verb, more in ((dosing.start_cycle_2, {}), (dosing.stop_treatment, {"stop_reason": "Toxicity"})):
            verb(trial=study.trial.pk, patient=study.patient.pk, on=study.today, by=study.coordinator, **more)
        leave_study(trial=study.trial.pk, patient=study.patient.pk, on=study.today, why="Wish", by=study.coordinator)

    with pytest.raises(Refused) as refused:
        die(study, 10)

    assert str(refused.value) == (
        "Died on: 25 Jan 2026 is before what is recorded of the patient: onset of AE 1 (1 Feb 2026), sample of DA 1 "
        "(2 Feb 2026), visit of DA 1 (2 Feb 2026), end of the study (4 Feb 2026), end of treatment (4 Feb 2026) and 1 "
        "more. Correct the one or the other."
    )
    assert refused.value.field == "died_on"


def test_rows_that_are_there_already_stay_and_do_not_stop_the_follow_up(study):
    """As an older version let them be stored: an event after the death."""
    event = study.event(study.patient, grade=1, term="Nausea", onset_on=study.today - timedelta(days=10))
    row = die(study, 5)
    with study.at():
        said = report(study, onset_on=study.today - timedelta(days=9))
        events.correct_event(
            trial=study.trial.pk, event=event.pk, report=said, rev=None, reason="Misread.", by=study.investigator
        )
        again = record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, by=study.coordinator, reason="Learned since.",
            said=Followed(died_on=row.died_on, death_cause="progression"),
        )  # fmt: skip

    assert again.death_cause == "progression"
