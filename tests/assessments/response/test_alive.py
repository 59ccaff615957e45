"""OS ends at the last day known alive, by whatever record, and a death from myeloma confirms a PD, on every path."""

from datetime import timedelta

import pytest

from assessments.endpoints import inputs, settings_sets
from assessments.exposure import services as exposure
from assessments.response import queries
from assessments.response.follow_up import record_follow_up
from patients.dosing import cycle_starts
from patients.dosing import services as dosing
from patients.follow_up.services import Followed
from tests import factories
from trial import queries as ground
from trial.models import Drug
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient dosed 60 days ago, with a baseline: serum 3.0 g/dL, urine 10 mg/24 h."""
    made = factories.study().open()
    made.patient = made.dose()
    made.first = made.today
    made.assess(made.patient, serum_m="3.0", urine_m="10")
    return made.later(60)


def follow(study, **said):
    with study.at():
        return record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, said=Followed(**said), by=study.coordinator
        )


def times(study):
    """By the patient's page and by an endpoint run, which must say the same."""
    course = queries.course(study.trial.pk, study.patient.number, study.today)
    protocol = ground.protocol(study.trial.pk)
    records = inputs.read(study.trial.pk, study.today, protocol)
    (subject,) = inputs.derived(records, study.today, protocol.settings).subjects
    said = {key.upper(): getattr(course.times, key) for key in ("ttp", "pfs", "ttr", "dor", "os")}

    assert {name: one and (int(one.event), one.days, one.because) for name, one in said.items()} == {
        name: one and (one.event, one.days, one.because) for name, one in subject.times.items()
    }
    assert course.evaluation.best_confirmed == course.times.best_confirmed
    return course.times


def day(study, number):
    return study.first + timedelta(days=number)


def test_nothing_but_the_first_dose_is_day_0(study):
    assert times(study).os.days == 0


def test_an_event_shows_life_by_its_onset_and_by_its_end(study):
    study.event(study.patient, onset_on=day(study, 10))
    assert times(study).os.because.endswith("onset of AE 1 2026-01-15")

    study.event(study.patient, onset_on=day(study, 11), ended_on=day(study, 13))
    assert (times(study).os.days, times(study).os.because) == (13, "censored: last known alive, end of AE 2 2026-01-18")


def test_the_end_of_a_fatal_event_shows_no_life(study):
    study.event(study.patient, term="Sepsis", onset_on=day(study, 10), ended_on=day(study, 13), grade=5)

    assert times(study).os.days == 10


def test_treatment_shows_life(study):
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk,
            patient=study.patient.pk,
            on=day(study, 41),
            stop_reason="Progression",
            by=study.investigator,
        )

    assert (times(study).os.days, times(study).os.because.split(", ")[1]) == (41, "end of treatment 2026-02-15")


def test_a_visit_and_its_samples_show_life_a_missed_one_does_not(study):
    study.assess(study.patient, visit_on=day(study, 30), serum_m="2.0")
    assert times(study).os.days == 30

    study.assess(study.patient, serum_m="not done")
    assert times(study).os.days == 30


def test_a_new_therapy_and_a_contact_show_life(study):
    follow(study, new_therapy_on=day(study, 45), new_therapy="Pomalidomide")
    assert times(study).os.days == 45

    follow(study, new_therapy_on=day(study, 45), new_therapy="Pomalidomide", last_contact_on=day(study, 50))
    assert times(study).os.because == "censored: last contact 2026-02-24"


def progressed(study):
    """PR, PR, then a PD by laboratory values: serum 1.2, 1.2, 2.0 on days 60, 88 and 116."""
    for value in ("1.2", "1.2", "2.0"):
        study.assess(study.patient, serum_m=value, urine_m="10")
        study.later(28)


def test_a_death_from_myeloma_confirms_the_progression_before_it(study):
    progressed(study)
    assert (times(study).ttp.event, times(study).ttp.days) == (False, 88)

    follow(study, died_on=study.today - timedelta(days=20), death_cause="progression")

    found = times(study)
    assert (found.ttp.event, found.ttp.days, found.pfs.days) == (True, 116, 116)
    assert (found.dor.event, found.dor.days) == (True, 56)
    assert (found.os.event, found.os.days) == (True, 124)
    course = queries.course(study.trial.pk, study.patient.number, study.today)
    assert course.evaluation.progression.date == day(study, 116)
    assert course.evaluation.visits[-1].confirmed == "PD"


@pytest.mark.parametrize("cause", ["other", "unknown"])
def test_another_cause_confirms_nothing(study, cause):
    progressed(study)
    follow(study, died_on=study.today, death_cause=cause)

    found = times(study)
    assert (found.ttp.event, found.ttp.days) == (False, 88)
    assert (found.pfs.event, found.pfs.days) == (True, 144)


def test_a_death_before_an_event_began_is_refused(study):
    study.event(study.patient, onset_on=day(study, 30))

    with pytest.raises(Refused, match="is before what is recorded of the patient: onset of AE 1") as refusal:
        follow(study, died_on=day(study, 29), death_cause="other")
    assert refusal.value.field == "died_on"
    follow(study, died_on=day(study, 30), death_cause="other")


def test_a_dose_by_cycle_shows_life_and_no_death_is_before_it():
    """docs/domain.md, section 8: a dose is among what shows a patient alive, and what is after his death is refused."""
    study = factories.study().schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    study.patient = study.dose()
    study.first = study.today
    study.later(60)
    with study.at():
        of = {"trial": study.trial.pk, "patient": study.patient.pk, "by": study.coordinator}
        for number, on in ((2, 28), (3, 56)):
            cycle_starts.start_cycle(number=number, on=day(study, on), **of)
        drugs = {drug.name: drug.pk for drug in Drug.objects.filter(trial=study.trial)}
        assert times(study).os.days == 56, "the first day of cycle 3"
        exposure.record_cycle(cycle=3, doses={drugs["ruxolitinib"]: []}, last_day=4, **of)
    assert (times(study).os.event, times(study).os.days) == (False, 59)

    with pytest.raises(Refused, match=r"before what is recorded of the patient: last dose taken \(") as refusal:
        follow(study, died_on=day(study, 58), death_cause="other")
    assert refusal.value.field == "died_on"
    follow(study, died_on=day(study, 59), death_cause="other")


def test_the_sensitivity_analyses_turn_ttp_and_pfs_alone(study):
    """PR twice, new therapy on day 100, a PD by laboratory values on day 116, death from another cause on day 130."""
    progressed(study)
    follow(
        study,
        new_therapy_on=day(study, 100),
        new_therapy="Pomalidomide",
        died_on=day(study, 130),
        death_cause="other",
    )
    protocol = ground.protocol(study.trial.pk)
    records = inputs.read(study.trial.pk, study.today, protocol)

    def said(name):
        (one,) = inputs.derived(records, study.today, settings_sets.sets(protocol.settings)[name]).subjects
        return one.best_confirmed, {key: time and (time.event, time.days) for key, time in one.times.items()}

    primary = {"TTP": (0, 88), "PFS": (0, 88), "TTR": (1, 60), "DOR": (0, 28), "OS": (1, 130)}
    assert said("primary") == ("PR", primary)
    assert said("s1") == ("PR", primary | {"PFS": (1, 130)})  # the PD has no second value
    assert said("s2") == ("PR", primary)  # it came after new therapy


def test_a_first_laboratory_progression_counts_in_s2(study):
    progressed(study)
    protocol = ground.protocol(study.trial.pk)
    records = inputs.read(study.trial.pk, study.today, protocol)
    settings = settings_sets.sets(protocol.settings)
    by_set = {
        name: inputs.derived(records, study.today, settings[name]).subjects[0].times for name in settings_sets.NAMES
    }

    assert {name: (one["TTP"].event, one["TTP"].days) for name, one in by_set.items()} == {
        "primary": (0, 88),
        "s1": (0, 88),
        "s2": (1, 116),
    }
    assert all((one["DOR"].event, one["DOR"].days) == (0, 28) for one in by_set.values())
