"""Two people at one treatment: real PostgreSQL, real threads."""

import uuid
from datetime import date

import pytest

from assessments.count.first_dose import correct_first_dose
from patients.dosing import corrections, services
from patients.models import Treatment
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import AuditEvent
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    """Dosed on 5 Jan 2026, cycle 2 on 2 Feb; two people have the treatment open."""
    made = factories.study().open()
    made.patient = made.enrol()
    made.dose(made.patient)
    made.later(40)
    with made.at():
        services.start_cycle_2(trial=made.trial.pk, patient=made.patient.pk, on=date(2026, 2, 2), by=made.coordinator)
    made.row = Treatment.objects.get(patient=made.patient)
    return made


def written(study, verb):
    return AuditEvent.objects.filter(ledger__trial=study.trial, verb=verb).count()


def cycle_2(study, day, by, key=None):
    return lambda: corrections.correct_cycle_2(
        trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, day), rev=study.row.rev, reason="x", by=by,
        key=key,
    )  # fmt: skip


def first_dose(study, by, **more):
    return lambda: correct_first_dose(
        trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 1, 6), rev=study.row.rev, reason="x", by=by,
        **more,
    )  # fmt: skip


def test_of_two_corrections_of_one_day_one_is_asked_to_look_again(study):
    found = at_once(study, cycle_2(study, 3, study.coordinator), cycle_2(study, 4, study.investigator))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "was changed by" in str(refused)
    assert written(study, "cycle2.correct") == 1


def test_a_first_dose_and_a_cycle_2_corrected_at_once_never_both_pass_unseen(study):
    found = at_once(study, first_dose(study, study.coordinator), cycle_2(study, 4, study.investigator))

    assert sum(isinstance(one, Refused) for one in found) == 1


def test_one_form_sent_twice_at_once_is_one_correction(study):
    key = uuid.uuid4()

    found = at_once(study, *[first_dose(study, study.coordinator, key=key) for _ in range(2)])

    assert [one.pk for one in found] == [study.row.pk] * 2
    assert written(study, "firstdose.correct") == 1
