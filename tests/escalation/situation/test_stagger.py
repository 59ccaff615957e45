"""Staggered entry: the first patient of a new level is followed alone for some days."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from escalation.enrolment import services as enrolment
from escalation.protocol import services as protocol
from escalation.situation import stagger
from patients.dosing import services as dosing
from tests import factories
from tests.factories import DRUGS, Level, ladder
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


def start(study, patient, on, **more):
    with study.at():
        return enrolment.first_dose(trial=study.trial.pk, patient=patient.pk, on=on, by=study.investigator, **more)


@pytest.fixture
def study():
    """5 January: patient 001 starts at level 1; the second may on 12 January."""
    study = factories.study(stagger_days=7).open()
    study.dose()
    return study


def test_a_slot_is_free_but_its_first_dose_waits_for_the_day(study):
    second = study.enrol()

    with pytest.raises(Refused, match="7 days after the first, on 12 Jan 2026 at the earliest") as refused:
        study.dose(second)
    assert refused.value.field == "on"
    study.later(6)
    with pytest.raises(Refused, match="12 Jan 2026"):
        study.dose(second)
    study.later(1)
    study.dose(second)


def test_a_dose_of_an_earlier_day_is_measured_by_its_own_day(study):
    second = study.enrol()
    study.later(10)

    with pytest.raises(Refused, match="12 Jan 2026"):
        start(study, second, date(2026, 1, 11))
    start(study, second, date(2026, 1, 12))


def test_the_third_patient_does_not_wait(study):
    second, third = study.enrol(), study.enrol()
    study.later(7)
    study.dose(second)

    study.dose(third)


def test_every_new_level_has_its_first_patient_and_an_expanded_one_has_not():
    study = factories.study(stagger_days=7).open()

    def cohort(dlts):
        who = [study.dose(), *(study.later(7) and study.dose() for _ in range(1)), study.dose()]
        for patient in who[:dlts]:
            study.dlt(patient)
        study.complete(*who[dlts:])
        study.sign()

    cohort(dlts=1)  # 1/3: level 1 is expanded
    for patient in (expanded := [study.dose() for _ in range(3)]):
        assert patient.treatment.first_dose_on == study.today
    study.complete(*expanded)
    study.sign()  # 1/6: level 2 is new
    study.dose()
    with pytest.raises(Refused, match="at the earliest"):
        study.dose()


def test_the_replaced_first_patient_was_the_first_all_the_same(study):
    first = study.situation().facts[0].patient
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=first.pk, on=study.today, stop_reason="Withdrew.", by=study.investigator
        )
    study.take_doses(first, taken=10)
    study.confirm(first, "not_evaluable")

    with pytest.raises(Refused, match="12 Jan 2026"):
        study.dose()


def test_a_moved_level_is_not_new(study):
    study.later(7)
    study.dose()
    below = [Level("0", ladder(1)[0].doses), *ladder(3)]
    with study.at():
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(stagger_days=7, start=2),
            levels=below,
            drugs=DRUGS,
            criteria=["18 years or older"],
            reason="A lower level.",
            by=study.medical_monitor,
        )

    study.dose()


def test_another_levels_dose_is_that_levels_first(study):
    """The second patient of level 1 is given level 2 by mistake: nobody is waited for there."""
    second = study.enrol()
    level = study.situation().protocol.level(2)

    start(study, second, study.today, received_level=level.pk, reason="Dispensed from the wrong kit.")


def test_the_pages_and_the_status_speak_the_date(study):
    here = study.situation()
    assert here.free == 2
    assert stagger.closed_until(here) == date(2026, 1, 12)
    client = Client()
    client.force_login(study.coordinator)
    with study.at():
        page = client.get(reverse("patients:enrolment", args=[study.trial.code])).content.decode()
        trial = client.get(reverse("escalation:trial", args=[study.trial.code])).content.decode()
        status = client.get(reverse("api:status", args=[study.trial.pk]))

    assert "next first dose at level 1 opens on 12 Jan 2026 at the earliest: patient 001 is on day 1" in page
    assert "2 free, next first dose on 12 Jan 2026 at the earliest" in trial
    assert status.json()["slots"]["next_first_dose"] == "2026-01-12"
    study.later(7)
    assert stagger.closed_until(study.situation()) is None
    assert stagger.note(study.situation(), study.situation().cohort.dose_level_id) == ""


def test_another_sites_coordinator_is_not_told_who(study):
    client = Client()
    client.force_login(study.other_coordinator)
    with study.at():
        page = client.get(reverse("patients:enrolment", args=[study.trial.code])).content.decode()

    assert "a patient is on day 1" in page
    assert "patient 001" not in page


def test_without_the_setting_nobody_waits():
    study = factories.study().open()
    study.dose()

    study.dose()
    assert stagger.closed_until(study.situation()) is None
    assert stagger.opens_on(study.situation(), study.situation().protocol.level(1).pk) is None
