"""Expansion and backfill: where they may be, that they stand outside the count, and what the running rate asks."""

import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from assessments import binomial
from escalation.enrolment import services as enrolment
from escalation.models import BasisChanged
from escalation.outside import queries, services
from patients import services as patients
from patients.models import Cohort, Slot
from tests import factories, rest
from tests.escalation.decisions.test_races import at_once
from trial.models import Notice
from trial.record.ledger import action
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


def decide(study, act, role, position, places=None, reason="As the protocol says.", sign=True):
    """The committee's decision, with both signatures unless told otherwise."""
    with study.at():
        row = services.propose(
            trial=study.trial.pk,
            act=act,
            role=role,
            position=position,
            places=places,
            reason=reason,
            basis=study.situation().basis,
            proof="simulated",
            by=study.dsmb,
        )
        if sign:
            services.countersign(
                trial=study.trial.pk,
                decision=row.pk,
                basis=study.situation().basis,
                proof="simulated",
                by=study.medical_monitor,
            )
    return row


def opened(role):
    return Cohort.objects.get(role=role, closed_at=None)


def slot(study, cohort, wait=False):
    with study.at():
        return enrolment.request_slot(trial=study.trial.pk, cohort=cohort.pk, wait=wait, by=study.coordinator)


def treat(study, cohort):
    """A patient of the cohort, with the first dose today."""
    ready = study.ready(slot(study, cohort))
    with study.at():
        patient = enrolment.enrol(trial=study.trial.pk, slot=ready.pk, by=study.coordinator)
    return study.dose(patient)


def every(study):
    return queries.decisions(study.trial.pk)


@pytest.fixture
def going():
    """Level 1 passed with 0/3; level 2 is open."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    return study


@pytest.fixture
def ended():
    return mtd()


def mtd():
    """0/3 at level 1, 2/2 at level 2, 0/3 more at level 1: level 1 is the MTD, signed."""
    study = factories.study(levels=2).open()
    study.cohort(3)
    study.sign()
    for _ in range(2):
        study.dlt(study.dose())
    study.sign()
    study.cohort(3)
    study.sign()
    assert study.situation().conclusion
    return study


def test_backfill_opens_at_a_passed_level_while_escalation_goes_on_above(going):
    decide(going, "open", "backfill", 1, places=2)

    cohort = opened("backfill")
    assert (cohort.dose_level.label, cohort.places) == ("1", 2)
    assert Cohort.objects.filter(closed_at=None).count() == 2
    assert going.situation().cohort.role is None
    assert queries.places(going.situation())[0].free == 2


@pytest.mark.parametrize(
    ("role", "position", "why"),
    [
        ("backfill", 2, "not below the level at which the trial stands"),
        ("backfill", 3, "not below the level at which the trial stands"),
        ("expansion", 1, "needs a signed MTD"),
        ("backfill", 7, "not on the ladder"),
        ("rescue", 1, "choose one of those offered"),
    ],
)
def test_where_they_may_not_be_is_refused_by_name(going, role, position, why):
    with pytest.raises(Refused, match=why) as refused:
        decide(going, "open", role, position, places=2)
    assert refused.value.field == "choice"


def test_expansion_is_at_the_mtd_after_escalation_has_ended(ended):
    with pytest.raises(Refused, match="closed"):
        decide(ended, "open", "expansion", 2, places=4)
    with pytest.raises(Refused, match="Escalation has ended"):
        decide(ended, "open", "backfill", 1, places=4)

    decide(ended, "open", "expansion", 1, places=4)

    assert queries.places(ended.situation())[0].free == 4


def test_the_same_cohort_is_not_opened_twice(going):
    decide(going, "open", "backfill", 1, places=2)

    with pytest.raises(Refused, match="open already"):
        decide(going, "open", "backfill", 1, places=2)


@pytest.mark.parametrize("places", [None, 0, 201])
def test_a_new_cohort_has_places(going, places):
    with pytest.raises(Refused, match="from 1 to 200") as refused:
        decide(going, "open", "backfill", 1, places=places)
    assert refused.value.field == "places"


def test_it_needs_a_reason_two_people_and_a_committee_member(going):
    with pytest.raises(Refused, match="Reason"):
        decide(going, "open", "backfill", 1, places=2, reason=" ")
    row = decide(going, "open", "backfill", 1, places=2, sign=False)
    assert not Cohort.objects.filter(role="backfill").exists()
    with going.at(), pytest.raises(Refused, match="signed decision E1 already"):
        services.countersign(
            trial=going.trial.pk, decision=row.pk, basis=going.situation().basis, proof="simulated", by=going.dsmb
        )
    with pytest.raises(Refused, match="E1 waits for its signatures"):
        decide(going, "open", "backfill", 1, places=3)

    with going.at():
        services.withdraw(trial=going.trial.pk, decision=row.pk, reason="Not yet.", by=going.dsmb2)
    assert queries.proposed(every(going)) is None
    with going.at(), pytest.raises(Refused, match="no longer waits"):
        services.countersign(
            trial=going.trial.pk, decision=row.pk, basis=going.situation().basis, proof="simulated", by=going.dsmb2
        )


def test_new_facts_ask_to_read_again(going):
    basis = going.situation().basis
    going.dose()

    with going.at(), pytest.raises(Refused, match="The facts changed"):
        services.propose(
            trial=going.trial.pk,
            act="open",
            role="backfill",
            position=1,
            places=1,
            reason="Why.",
            basis=basis,
            proof="simulated",
            by=going.dsmb,
        )


def test_a_form_sent_twice_proposes_once(going):
    asked = {
        "trial": going.trial.pk,
        "act": "open",
        "role": "backfill",
        "position": 1,
        "places": 1,
        "reason": "Why.",
        "basis": going.situation().basis,
        "proof": "simulated",
        "by": going.dsmb,
        "key": uuid.uuid4(),
    }
    with going.at():
        assert services.propose(**asked).pk == services.propose(**asked).pk


def test_their_patients_stand_outside_the_count(going):
    decide(going, "open", "backfill", 1, places=2)
    before = going.situation().advice

    patient = treat(going, opened("backfill"))

    here = going.situation()
    assert (here.advice.action, here.advice.level, here.advice.slots) == (before.action, before.level, before.slots)
    assert here.tally(1).evaluable == 3
    assert [(o.level, o.role, o.n, o.pending) for o in here.advice.outside] == [(1, "backfill", 0, 1)]
    assert here.free == 3
    going.complete(patient)
    assert going.situation().advice.outside[0].n == 1
    assert going.situation().inputs["patients"][-1]["role"] == "backfill"


def test_places_of_a_cohort_are_its_own_and_a_replaced_patient_gives_his_back(going):
    decide(going, "open", "backfill", 1, places=1)
    cohort = opened("backfill")
    patient = treat(going, cohort)

    with pytest.raises(Refused, match="1 places, 1 filled"):
        slot(going, cohort)
    going.later(28)
    going.take_doses(patient, taken=10)
    going.confirm(patient, "not_evaluable")
    assert queries.places(going.situation())[0].free == 1
    assert slot(going, cohort).state == Slot.State.GRANTED


def test_the_waiting_list_of_a_cohort_is_its_own(going):
    decide(going, "open", "backfill", 1, places=1)
    cohort = opened("backfill")
    first, second = slot(going, cohort), slot(going, cohort, wait=True)
    assert second.state == Slot.State.WAITING

    with going.at():
        patients.cancel_slot(trial=going.trial.pk, slot=first.pk, reason="Screen failure.", by=going.coordinator)

    second.refresh_from_db()
    assert (second.state, second.cohort_id) == (Slot.State.GRANTED, cohort.pk)


def test_a_suspected_dlt_of_theirs_holds_its_level_and_all_above(going):
    decide(going, "open", "backfill", 1, places=2)
    patient = treat(going, opened("backfill"))
    going.event(patient)

    with pytest.raises(Refused, match="suspected DLT"):
        going.slot()
    with pytest.raises(Refused, match="suspected DLT"):
        slot(going, opened("backfill"))


def test_a_dlt_of_theirs_decides_nothing_and_changes_no_basis(ended):
    decide(ended, "open", "expansion", 1, places=10)
    patients = [treat(ended, opened("expansion")) for _ in range(2)]
    before = ended.situation().advice.tallies

    ended.dlt(patients[1])
    ended.complete(patients[0])

    here = ended.situation()
    assert here.conclusion
    assert here.advice.tallies == before
    assert not BasisChanged.objects.exists()


def test_backfill_stops_where_the_trial_comes_back_to_its_level(going):
    decide(going, "open", "backfill", 1, places=3)
    granted = going.ready(slot(going, opened("backfill")))
    for _ in range(2):
        going.dlt(going.dose())

    assert queries.places(going.situation())[0].free == 0
    with going.at(), pytest.raises(Refused, match="not below the level at which the trial stands"):
        enrolment.enrol(trial=going.trial.pk, slot=granted.pk, by=going.coordinator)


def test_closing_cancels_what_is_not_enrolled_and_leaves_the_others(going):
    decide(going, "open", "backfill", 1, places=2)
    granted = slot(going, opened("backfill"))

    decide(going, "close", "backfill", 1)

    granted.refresh_from_db()
    assert granted.state == Slot.State.CANCELLED
    assert going.situation().cohort
    with pytest.raises(Refused, match="No backfill at level 1 is open"):
        decide(going, "close", "backfill", 1)


def test_the_next_escalation_cohort_leaves_theirs_open(going):
    decide(going, "open", "backfill", 1, places=2)
    going.cohort(3)
    going.sign()

    assert opened("backfill")
    assert going.situation().position == 3


# The running rate


def rate(study, position):
    return queries.rates(study.situation(), every(study))[position - 1]


def test_the_running_rate_counts_all_with_its_exact_interval(ended):
    decide(ended, "open", "expansion", 1, places=10)
    patients = [treat(ended, opened("expansion")) for _ in range(4)]
    ended.dlt(patients[0])
    ended.complete(*patients[1:])

    found = rate(ended, 1)

    assert str(found.groups["escalation"]) == "0/6"
    assert str(found.groups["expansion"]) == "1/4"
    assert (found.whole.x, found.whole.n) == (1, 10)
    # Clopper-Pearson 95 % of 1/10: 0.25 % to 44.50 % (R: binom.test(1, 10))
    assert found.percent == ("10.0 %", "0.3 %", "44.5 %")
    assert found.whole == binomial.proportion(1, 10)
    assert not found.over


def over_the_limit(study, patients=2, dlts=2):
    """Expansion with `dlts` DLTs of `patients`, beside 0/6."""
    decide(study, "open", "expansion", 1, places=10)
    who = [treat(study, opened("expansion")) for _ in range(patients)]
    for patient in who[:dlts]:
        study.dlt(patient)
    return who


def test_over_the_limit_a_review_is_asked_and_nothing_decided():
    study = factories.study(levels=1, monitor_rate=Decimal("0.20")).open()
    study.cohort(3)
    study.sign()
    study.cohort(3)
    study.sign()

    who = over_the_limit(study)

    found = rate(study, 1)
    assert (found.whole.x, found.whole.n, found.over, found.asks) == (2, 8, True, True)
    assert "2/8, above the protocol's limit of 20 % from 6" in queries.asked(found, study.situation())
    asked = Notice.objects.filter(trial=study.trial, subject__contains="review asked at level 1")
    assert {notice.to_id for notice in asked} >= {study.dsmb.pk, study.medical_monitor.pk}
    first = asked.count()
    assert queries.places(study.situation())[0].free == 8  # it asks, it does not decide
    study.later(1)
    treat(study, opened("expansion"))
    assert asked.count() == first  # once for each count

    decide(study, "continue", "expansion", 1, reason="Both resolved within days.")
    assert (rate(study, 1).over, rate(study, 1).asks) == (True, False)
    study.dlt(treat(study, opened("expansion")))
    assert rate(study, 1).asks  # one more DLT asks again
    assert who


def test_the_limit_itself_and_too_few_patients_ask_nothing():
    study = factories.study(levels=1, monitor_rate=Decimal("0.25"), monitor_from=8).open()
    study.cohort(3)
    study.sign()
    study.cohort(3)
    study.sign()
    who = over_the_limit(study)
    assert (rate(study, 1).whole.x, rate(study, 1).whole.n) == (2, 8)
    assert not rate(study, 1).over  # 2/8 is the limit, not above it

    assert who
    with pytest.raises(Refused, match="No review is asked"):
        decide(study, "continue", "expansion", 1)


def test_a_level_without_them_is_not_monitored():
    study = factories.study(monitor_rate=Decimal("0.01"), monitor_from=1).open()
    study.cohort(3, dlts=1)

    assert not rate(study, 1).over


# What must never be false


def test_rest_shows_the_rates_cohorts_and_decisions_of_the_page(going):
    row = decide(going, "open", "backfill", 1, places=2, reason="After patient 001.")
    treat(going, opened("backfill"))

    said = rest.ask(going.statistician, "outside", going).json()

    assert said["rates"][0]["level"]["label"] == "1"
    assert (said["rates"][0]["whole"]["dlts"], said["rates"][0]["whole"]["evaluable"]) == (0, 3)
    assert said["rates"][0]["groups"]["backfill"] == {"dlts": 0, "evaluable": 0, "pending": 1}
    assert said["rates"][0]["whole"]["upper"] == pytest.approx(0.7076, abs=5e-5)  # 1 - 0.025 ** (1/3)
    assert said["rates"][1]["whole"]["estimate"] is None
    assert [(c["role"], c["places"], c["free"]) for c in said["cohorts"]] == [("backfill", 2, 1)]
    assert [(d["code"], d["state"], d["reason"]) for d in said["decisions"]] == [
        (row.code, "in_force", "After patient 001.")
    ]
    elsewhere = rest.ask(going.other_coordinator, "outside", going).json()
    assert elsewhere["decisions"][0]["reason"] == "After a patient."


@pytest.mark.django_db(transaction=True)
def test_the_last_slot_of_a_cohort_is_granted_once():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    decide(study, "open", "backfill", 1, places=1)
    cohort = opened("backfill")

    def ask(by):
        return lambda: enrolment.request_slot(trial=study.trial.pk, cohort=cohort.pk, by=by)

    answers = at_once(study, ask(study.coordinator), ask(study.other_coordinator))

    assert sum(isinstance(answer, Slot) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Slot.objects.filter(cohort=cohort, state=Slot.State.GRANTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_open_one_cohort():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    basis = study.situation().basis

    def propose(by):
        return lambda: services.propose(
            trial=study.trial.pk,
            act="open",
            role="backfill",
            position=1,
            places=1,
            reason="As the protocol says.",
            basis=basis,
            proof="simulated",
            by=by,
        )

    answers = at_once(study, propose(study.dsmb), propose(study.dsmb2))

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert len(every(study)) == 1


def test_the_database_keeps_one_open_escalation_cohort_and_one_for_each_role_and_level(going):
    level = going.situation().protocol.level(1)

    def write(role):
        with (
            going.at(),
            transaction.atomic(),
            action(going.trial.pk, by=going.dsmb, may=May.SIGN_DECISION, verb="test"),
        ):
            Cohort.objects.create(
                trial=going.trial, number=90, role=role, dose_level=level, places=1, opened_at=going.now
            )

    decide(going, "open", "backfill", 1, places=2)
    for role, name in ((None, "one_open_escalation"), ("backfill", "per_role_and_level"), ("rescue", "role_is_known")):
        with pytest.raises(IntegrityError, match=name):
            write(role)
