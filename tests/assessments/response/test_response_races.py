"""Two people at one visit: real PostgreSQL, real threads."""

import pytest

from assessments.response import services
from assessments.response.follow_up import record_follow_up
from assessments.response.models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement
from patients.follow_up.models import FollowUp
from patients.follow_up.services import Followed
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.factories import answers
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_enter_one_visit_leave_one_assessment():
    study = factories.study().open()
    patient = study.dose()

    found = at_once(study, *[lambda: study.assess(patient, serum_m="3.0") for _ in range(4)])

    assert sum(isinstance(one, DiseaseAssessment) for one in found) == 1
    assert sum(isinstance(one, Refused) for one in found) == 3
    assert DiseaseAssessment.objects.get().number == 1


def test_two_who_correct_one_assessment_do_not_overwrite_each_other():
    study = factories.study().open()
    made = study.assess(study.dose(), serum_m="3.0")
    rev = DiseaseAssessment.objects.get().rev

    def correct(value):
        return lambda: services.correct_assessment(
            trial=study.trial.pk,
            assessment=made.pk,
            visit_on=made.visit_on,
            answers=answers(made.visit_on, serum_m=value),
            rev=rev,
            reason="Misread.",
            by=study.coordinator,
        )

    found = at_once(study, correct("3.1"), correct("3.2"))

    assert sum(isinstance(one, Refused) for one in found) == 1
    (kept,) = (value for value, one in zip(("3.1", "3.2"), found, strict=True) if not isinstance(one, Refused))
    assert f"{Measurement.objects.get().entered:.1f}" == kept


def test_two_investigators_categories_at_once_leave_one():
    study = factories.study().open()
    patient = study.dose()
    study.assess(patient, serum_m="3.0")
    made = study.later(28).assess(patient, serum_m="1.5")
    rev = DiseaseAssessment.objects.get(pk=made.pk).rev

    def judge(category):
        return lambda: services.give_response(
            trial=study.trial.pk, assessment=made.pk, category=category, rev=rev, by=study.investigator
        )

    found = at_once(study, judge("PR"), judge("MR"))

    assert sum(isinstance(one, Refused) for one in found) == 1
    (kept,) = (name for name, one in zip(("PR", "MR"), found, strict=True) if not isinstance(one, Refused))
    assert InvestigatorResponse.objects.get().category == kept


def test_a_difference_is_resolved_once():
    study = factories.study().open()
    patient = study.dose()
    study.assess(patient, serum_m="3.0")
    made = study.later(28).assess(patient, serum_m="1.5")
    study.judge(made, "MR")

    def resolve(reason):
        return lambda: services.resolve_difference(
            trial=study.trial.pk, assessment=made.pk, category="MR", derived="PR", reason=reason, by=study.investigator
        )

    found = at_once(study, resolve("The marrow."), resolve("The bones."))

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert DifferenceResolved.objects.count() == 1


def test_a_correction_and_a_category_at_once_never_pair_old_values_with_the_new_word():
    study = factories.study().open()
    patient = study.dose()
    study.assess(patient, serum_m="3.0")
    made = study.later(28).assess(patient, serum_m="1.5")
    rev = DiseaseAssessment.objects.get(pk=made.pk).rev

    at_once(
        study,
        lambda: services.correct_assessment(
            trial=study.trial.pk, assessment=made.pk, visit_on=made.visit_on,
            answers=answers(made.visit_on, serum_m="2.9"), rev=rev, reason="Misread.", by=study.coordinator,
        ),
        lambda: services.give_response(
            trial=study.trial.pk, assessment=made.pk, category="PR", rev=rev, by=study.investigator
        ),
    )  # fmt: skip

    corrected = DiseaseAssessment.objects.get(pk=made.pk).rev
    said = InvestigatorResponse.objects.filter(assessment=made).first()
    assert said is None or said.rev < corrected, "he judged what he saw, before it was corrected"


def test_two_who_record_follow_up_at_once_do_not_overwrite_each_other():
    study = factories.study().open()
    patient = study.dose()
    study.later(30)

    def follow(**said):
        return lambda: record_follow_up(
            trial=study.trial.pk, patient=patient.pk, said=Followed(**said), rev=0, by=study.coordinator
        )

    found = at_once(study, follow(last_contact_on=study.today), follow(died_on=study.today, death_cause="other"))

    assert sum(isinstance(one, Refused) for one in found) == 1
    row = FollowUp.objects.get()
    assert (row.last_contact_on is None) != (row.died_on is None)
