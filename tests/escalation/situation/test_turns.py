"""A site's share of a cohort while other sites wait, and whose turn it is."""

import pytest

from escalation.enrolment import services as enrolment
from patients import services as patients
from patients.models import Slot
from tests import factories
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


def request(study, by, wait=True):
    with study.at():
        return enrolment.request_slot(trial=study.trial.pk, wait=wait, by=by)


def give_back(study, slot, by):
    with study.at():
        patients.cancel_slot(trial=study.trial.pk, slot=slot.pk, reason="x", by=by)


def granted(study):
    """Sites of the granted slots, in order."""
    return [s.site.code for s in Slot.objects.filter(state=Slot.State.GRANTED).order_by("number")]


def test_a_site_alone_may_have_every_place():
    study = factories.study(site_slots=2).open()
    for _ in range(3):
        request(study, study.coordinator)
    assert granted(study) == ["01", "01", "01"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["01", "01", "01"]),  # who asked first
        ({"site_slots": 2}, ["01", "01", "02"]),
        ({"slot_order": "round_robin"}, ["01", "01", "02"]),
    ],
)
def test_a_freed_place_goes_to_whose_turn_it_is(settings, expected):
    study = factories.study(**settings).open()
    first = [request(study, study.coordinator) for _ in range(3)]
    request(study, study.coordinator)  # waits, before the other site
    request(study, study.other_coordinator)

    give_back(study, first[0], study.coordinator)

    assert sorted(granted(study)) == expected


def test_the_limit_binds_no_one_when_every_site_that_waits_has_its_share():
    study = factories.study(site_slots=1).open()
    first = request(study, study.coordinator)
    request(study, study.other_coordinator)
    request(study, study.coordinator)
    waits = request(study, study.coordinator)
    give_back(study, first, study.coordinator)

    waits.refresh_from_db()
    assert waits.state == Slot.State.GRANTED


def test_the_medical_monitor_is_refused_a_site_at_its_limit_while_another_asks():
    study = factories.study(slot_approval="medical_monitor", site_slots=1).open()
    mine, more = request(study, study.coordinator), request(study, study.coordinator)
    theirs = request(study, study.other_coordinator)

    def grant(slot):
        with study.at():
            return enrolment.grant_slot(trial=study.trial.pk, slot=slot.pk, by=study.medical_monitor)

    grant(mine)
    with pytest.raises(Refused, match=r"its share of the cohort \(1\) while another site waits; slot 3 is next"):
        grant(more)
    grant(theirs)
    assert grant(more).state == Slot.State.GRANTED


def test_a_protocol_without_criteria_is_not_put_in_force():
    study = factories.study()
    with study.at(), pytest.raises(Refused, match="write at least one") as refused:
        factories.protocol.write(
            trial=study.trial.pk, settings=study.situation().protocol.settings, levels=factories.ladder(3),
            drugs=factories.DRUGS, criteria=[], reason="x", by=study.medical_monitor,
        )  # fmt: skip
    assert refused.value.field == "eligibility"
