"""Disease assessments through the services: rights, refusals, the derived response and the investigator's own."""

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.endpoints import inputs
from assessments.response import queries, services
from assessments.response.entry import Answer
from assessments.response.follow_up import record_follow_up
from assessments.response.models import DiseaseAssessment, InvestigatorResponse, Measurement
from patients.follow_up.models import FollowUp
from patients.follow_up.services import Followed
from patients.models import Patient
from tests import factories
from tests.factories import answers
from trial import queries as ground
from trial.record import ledger
from trial.refusals import KeyReused, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient with a baseline on the day of the first dose: serum 3.0 g/dL, urine 100 mg/24 h; 28 days ago."""
    made = factories.study().open()
    made.patient = made.dose()
    made.baseline = made.assess(made.patient, serum_m="3.0", urine_m="100")
    return made.later(28)


def course(study):
    return queries.course(study.trial.pk, study.patient.number, study.today)


def last(study):
    return course(study).assessments[-1]


def record(study, said, by=None, visit_on=None, patient=None, key=None):
    with study.at():
        return services.record_assessment(
            trial=study.trial.pk,
            patient=(patient or study.patient).pk,
            visit_on=visit_on or study.today,
            answers=said,
            by=by or study.coordinator,
            key=key,
        )


def correct(study, made, reason="", rev=None, by=None, **said):
    with study.at():
        return services.correct_assessment(
            trial=study.trial.pk,
            assessment=made.pk,
            visit_on=made.visit_on,
            answers=answers(made.visit_on, **said),
            rev=DiseaseAssessment.objects.get(pk=made.pk).rev if rev is None else rev,
            reason=reason,
            by=by or study.coordinator,
        )


def resolve(study, made, category, derived, reason="The marrow settles it.", by=None):
    with study.at():
        return services.resolve_difference(
            trial=study.trial.pk,
            assessment=made.pk,
            category=category,
            derived=derived,
            reason=reason,
            by=by or study.investigator,
        )


def follow(study, reason="", rev=None, by=None, **said):
    with study.at():
        return record_follow_up(
            trial=study.trial.pk,
            patient=study.patient.pk,
            said=Followed(**said),
            rev=rev,
            reason=reason,
            by=by or study.coordinator,
        )


def test_one_changed_value_changes_the_category(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    assert last(study).derived == "PR"  # 3.0 to 1.5 is a fall of exactly 50 %

    correct(study, made, reason="Misread.", serum_m="1.6", urine_m="100")

    assert last(study).derived == "MR"  # 46.7 %


@pytest.mark.django_db(transaction=True)
def test_the_past_keeps_its_category(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    then = ledger.number_of(study.trial.pk)
    correct(study, made, reason="Misread.", serum_m="1.6", urine_m="100")

    with ledger.as_of(study.trial.pk, then):
        assert last(study).derived == "PR"
    assert last(study).derived == "MR"


def test_the_entered_value_and_unit_stand_beside_the_canonical_one(study):
    made = record(
        study,
        [
            Answer(parameter="serum_m", sampled_on=study.today, entered=D("15.0"), unit="g/L"),
            *answers(study.today, urine_m="<40"),
        ],
    )

    serum, urine = (made.measurements.get(parameter=name) for name in ("serum_m", "urine_m"))
    assert (serum.entered, serum.unit, serum.canonical) == (D("15.0"), "g/L", D("1.5"))
    assert (urine.state, urine.entered, urine.canonical) == ("below_limit", D(40), D(40))
    assert last(study).derived == "PR"


def test_missing_not_done_and_below_the_limit_are_three_things(study):
    made = study.assess(study.patient, serum_m="1.0", urine_m="not done", kappa="<1")

    assert {m.parameter: m.state for m in made.measurements.all()} == {
        "serum_m": "value",
        "urine_m": "not_done",
        "kappa": "below_limit",
    }


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"unit": "mg/L"}, "serum_m", "Serum M-protein: mg/L is not one of"),
        ({"entered": D("-1")}, "serum_m", "is below 0"),
        ({"entered": D(32)}, "serum_m", "Look at the unit"),
        ({"entered": D("1.23456")}, "serum_m", "at most four decimals"),
        ({"entered": None}, "serum_m", "the value is missing"),
        ({"state": "not_done"}, "serum_m", "not done, and a result as well"),
        ({"state": "below_limit", "entered": D(0)}, "serum_m", "the limit must be above 0"),
        ({"parameter": "lesions", "unit": "", "state": "below_limit"}, "lesions", "never below a limit"),
        (
            {"parameter": "ife_serum", "entered": None, "unit": "", "answer": "faint"},
            "ife_serum",
            "answer negative or positive",
        ),
        ({"parameter": "mood"}, None, "'mood' is none of a disease assessment"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_nothing_is_written(study, changed, field, sentence):
    before = ledger.number_of(study.trial.pk)
    said = {"parameter": "serum_m", "sampled_on": study.today, "entered": D("1.0"), "unit": "g/dL"} | changed

    with pytest.raises(Refused) as refusal:
        record(study, [Answer(**said)])

    assert sentence in str(refusal.value)
    assert refusal.value.field == field
    assert ledger.number_of(study.trial.pk) == before


def test_samples_out_of_their_time_are_refused(study):
    with pytest.raises(Refused, match="is in the future"):
        record(study, answers(study.today + timedelta(days=1), serum_m="1"))
    with pytest.raises(Refused, match="before the patient's consent"):
        record(
            study, answers(study.baseline.visit_on - timedelta(days=1), serum_m="1"), visit_on=study.baseline.visit_on
        )
    with pytest.raises(Refused, match="more than 7 days from the serum sample"):
        record(study, [*answers(study.today, serum_m="1"), *answers(study.today - timedelta(days=8), urine_m="1")])
    with pytest.raises(Refused, match="the results of one sample have one date"):
        record(study, [*answers(study.today, kappa="1"), *answers(study.today - timedelta(days=1), lambda_="1")])
    follow(study, died_on=study.today - timedelta(days=2), death_cause="other")
    with pytest.raises(Refused, match="after the patient's death"):
        record(study, answers(study.today, serum_m="1"))


def test_a_second_assessment_of_one_day_and_an_empty_one_are_refused(study):
    study.assess(study.patient, serum_m="1.5")

    with pytest.raises(Refused, match="DA 2 of 2 Feb 2026 is there already"):
        study.assess(study.patient, serum_m="1.5")
    with pytest.raises(Refused, match="Nothing is entered"):
        record(study, [], visit_on=study.today - timedelta(days=1))


def test_only_the_site_s_coordinator_enters_and_only_its_investigator_assesses(study):
    for person in (study.investigator, study.medical_monitor, study.statistician, study.dsmb, study.auditor):
        with pytest.raises(PermissionDenied):
            study.assess(study.patient, by=person, serum_m="1")
    with pytest.raises(Patient.DoesNotExist):
        study.assess(study.patient, by=study.other_coordinator, serum_m="1")
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    judge = {"trial": study.trial.pk, "assessment": made.pk, "category": "PR", "rev": made_rev(made)}
    with study.at(), pytest.raises(PermissionDenied):
        services.give_response(**judge, by=study.coordinator)
    with study.at(), pytest.raises(Patient.DoesNotExist):
        services.give_response(**judge, by=study.other_investigator)


def made_rev(made):
    return DiseaseAssessment.objects.get(pk=made.pk).rev


def test_adding_a_missing_value_needs_no_reason_changing_one_does(study):
    made = study.assess(study.patient, serum_m="1.5")

    correct(study, made, serum_m="1.5", urine_m="100")
    with pytest.raises(Refused, match="Reason") as refusal:
        correct(study, made, serum_m="1.4", urine_m="100")
    assert refusal.value.field == "reason"
    with pytest.raises(Refused, match="Reason"):
        correct(study, made, serum_m="1.5")
    correct(study, made, reason="Another patient's urine.", serum_m="1.5")

    assert {m.parameter for m in last(study).measurements} == {"serum_m"}
    assert Measurement.objects.get(assessment=made, parameter="urine_m").voided


def test_a_form_opened_before_another_change_is_refused_by_name(study):
    made = study.assess(study.patient, serum_m="1.5")
    opened = made_rev(made)
    correct(study, made, reason="Misread.", serum_m="1.6")

    with pytest.raises(Refused, match="DA 2 was changed by Coordinator since you opened the form"):
        correct(study, made, reason="Misread.", rev=opened, serum_m="1.7")


def test_the_same_request_twice_is_one_assessment(study):
    key = uuid.uuid4()

    first, again = (record(study, answers(study.today, serum_m="1"), key=key) for _ in range(2))

    assert first.pk == again.pk
    with pytest.raises(KeyReused):
        record(study, answers(study.today, serum_m="2"), key=key)


def test_a_voided_assessment_stays_in_the_record_and_leaves_the_course(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    with study.at(), pytest.raises(Refused, match="Reason"):
        services.void_assessment(trial=study.trial.pk, assessment=made.pk, rev=None, reason=" ", by=study.coordinator)
    with study.at():
        services.void_assessment(
            trial=study.trial.pk, assessment=made.pk, rev=None, reason="Another patient's.", by=study.coordinator
        )

    assert [seen.row.code for seen in course(study).assessments] == ["DA 1"]
    assert DiseaseAssessment.objects.get(pk=made.pk).voided
    study.assess(study.patient, serum_m="1.6")  # the day is free again


# The investigator's own category


def test_a_difference_waits_until_it_is_resolved_with_a_reason(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    study.judge(made, "PR")
    assert not queries.differences(study.trial.pk, study.today)

    study.judge(made, "VGPR", reason="Seen by immunofixation only.")
    ((_, seen),) = queries.differences(study.trial.pk, study.today)
    assert (seen.said.category, seen.derived) == ("VGPR", "PR")

    with pytest.raises(Refused, match="Reason"):
        resolve(study, made, "VGPR", "PR", reason=" ")
    with pytest.raises(Refused, match="the record now says PR and the investigator VGPR"):
        resolve(study, made, "CR", "PR")
    resolve(study, made, "VGPR", "PR")
    assert not queries.differences(study.trial.pk, study.today)
    with pytest.raises(Refused, match="resolved already"):
        resolve(study, made, "VGPR", "PR")


def test_a_resolved_difference_opens_again_when_it_becomes_another(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    study.judge(made, "VGPR")
    resolve(study, made, "VGPR", "PR")

    correct(study, made, reason="Misread.", serum_m="1.6", urine_m="100")

    ((_, seen),) = queries.differences(study.trial.pk, study.today)
    assert (seen.said.category, seen.derived) == ("VGPR", "MR")


def test_the_investigator_judges_what_he_saw(study):
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    opened = made_rev(made)
    correct(study, made, reason="Misread.", serum_m="1.6", urine_m="100")
    judge = {"trial": study.trial.pk, "assessment": made.pk, "by": study.investigator}

    with study.at(), pytest.raises(Refused, match="was changed by Coordinator"):
        services.give_response(**judge, category="PR", rev=opened)
    with study.at(), pytest.raises(Refused, match="none of the categories"):
        services.give_response(**judge, category="XR", rev=made_rev(made))
    study.judge(made, "MR")
    with study.at(), pytest.raises(Refused, match="changing the category needs one"):
        services.give_response(**judge, category="PR", rev=InvestigatorResponse.objects.get().rev)
    with study.at(), pytest.raises(Refused, match="belongs to the baseline"):
        services.give_response(**judge | {"assessment": study.baseline.pk}, category="SD", rev=made_rev(study.baseline))
    assert InvestigatorResponse.objects.get().category == "MR"


# Follow-up and times


def test_the_five_times_follow_from_assessments_and_follow_up(study):
    first = study.assess(study.patient, serum_m="1.4", urine_m="100")
    study.later(28).assess(study.patient, serum_m="1.2", urine_m="100")
    study.later(10)
    follow(study, last_contact_on=study.today)

    found = course(study).times
    assert (found.ttr.event, found.ttr.days) == (True, 28)  # PR on day 28, confirmed on day 56
    assert (found.pfs.event, found.pfs.days, found.pfs.row) == (False, 56, "DA 3")
    assert (found.dor.event, found.dor.days) == (False, 28)
    assert (found.os.event, found.os.days) == (False, 66)
    assert found.ttr.row == first.code

    study.later(4)
    follow(
        study,
        reason="Died.",
        last_contact_on=study.today - timedelta(days=4),
        died_on=study.today,
        death_cause="unknown",
    )
    found = course(study).times
    assert (found.pfs.event, found.pfs.days) == (True, 70)
    assert (found.os.event, found.os.days) == (True, 70)
    assert not found.ttp.event


def test_new_therapy_ends_what_counts(study):
    study.assess(study.patient, serum_m="1.4", urine_m="100")
    follow(study, new_therapy_on=study.today + timedelta(days=0), new_therapy="Pomalidomide")
    study.later(28).assess(study.patient, serum_m="0.2", urine_m="100")

    found = course(study)
    assert found.visits[-1].confirmed is None
    assert found.evaluation.best_confirmed.response == "SD"


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"last_contact_on": 1}, "last_contact_on", "is in the future"),
        ({"died_on": 0}, "death_cause", "Cause of death"),
        ({"death_cause": "other"}, "died_on", "say on which day"),
        ({"died_on": -29, "death_cause": "other"}, "died_on", "before the first dose"),
        ({"died_on": -1, "death_cause": "other", "last_contact_on": 0}, "last_contact_on", "after the death"),
        ({"new_therapy_on": 0}, "new_therapy", "say which"),
        ({"new_therapy": "X"}, "new_therapy_on", "on which day"),
    ],
)
def test_follow_up_that_cannot_be_is_refused_by_name(study, said, field, sentence):
    days = {k: study.today + timedelta(days=v) if isinstance(v, int) else v for k, v in said.items()}

    with pytest.raises(Refused, match=sentence) as refusal:
        follow(study, **days)

    assert refusal.value.field == field
    assert not FollowUp.objects.exists()


def test_a_death_before_a_sample_is_refused(study):
    study.assess(study.patient, serum_m="1.4")

    with pytest.raises(Refused, match="is before what is recorded of the patient: sample of DA 2"):
        follow(study, died_on=study.today - timedelta(days=1), death_cause="progression")


def test_a_later_contact_needs_no_reason_a_changed_death_does(study):
    follow(study, last_contact_on=study.today - timedelta(days=3))
    follow(study, last_contact_on=study.today)
    with pytest.raises(Refused, match="Reason"):
        follow(study, last_contact_on=study.today - timedelta(days=1))
    follow(study, last_contact_on=study.today, died_on=study.today, death_cause="unknown")
    with pytest.raises(Refused, match="Reason"):
        follow(study, last_contact_on=study.today, died_on=study.today, death_cause="other")
    follow(study, reason="Autopsy.", last_contact_on=study.today, died_on=study.today, death_cause="other")
    with pytest.raises(Refused, match="was changed by Coordinator since"):
        follow(study, reason="Autopsy.", rev=1, last_contact_on=study.today)
    with pytest.raises(PermissionDenied):
        follow(study, by=study.medical_monitor, last_contact_on=study.today)


def test_what_is_never_true_is_refused_by_the_database(study):
    made = study.assess(study.patient, serum_m="1.4")
    row = {"trial": study.trial, "assessment": made, "sampled_on": study.today}
    with study.at(), ledger.action(study.trial.pk, by=None, may=None, verb="test"):
        for wrong in (
            {"parameter": "kappa", "state": "not_done", "entered": D(1), "canonical": D(1)},
            {"parameter": "kappa", "state": "value", "entered": D(-1), "canonical": D(-1)},
            {"parameter": "kappa", "state": "below_limit"},
            {"parameter": "serum_m", "state": "value", "entered": D(1), "canonical": D(1)},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Measurement.objects.create(**row, **wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            FollowUp.objects.create(trial=study.trial, patient=study.patient, died_on=study.today)


def test_the_timelines_of_a_trial_take_a_flat_number_of_queries(study):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as context:
            found = queries.timelines(study.trial.pk, study.today)
        return len(context), len(found)

    study.judge(study.assess(study.patient, serum_m="1.4", urine_m="100"), "PR")
    before, one = asked()
    for _ in range(2):
        study.assess(study.dose(), serum_m="2.0", urine_m="50")
    after, three = asked()

    assert (one, three) == (1, 3)
    assert after == before <= 14


def test_a_set_of_settings_with_another_measurable_level_is_judged_anew(study):
    """0.8 g/dL is not measurable by 1.0, so a visit without urine is not evaluable; by 0.5 it is, a PR by serum."""
    patient = study.dose()
    study.assess(patient, serum_m="0.8", urine_m="90")
    for _ in range(2):
        study.later(28).assess(patient, serum_m="0.3")
    protocol = ground.protocol(study.trial.pk)
    records = inputs.read(study.trial.pk, study.today, protocol)

    def said(**other):
        found = inputs.derived(records, study.today, replace(protocol.settings, **other))
        one = next(one for one in found.subjects if one.number == patient.number)
        return one.best_confirmed, one.times["TTP"].days, one.times["TTR"].days

    assert said() == ("NE", 0, 0)
    assert said(measurable_serum=D("0.5")) == ("NE", 56, 0)  # of TTP and PFS alone: response keeps the primary rule
    assert said(pd_confirmation=False) == ("NE", 0, 0)
