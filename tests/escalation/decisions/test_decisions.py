"""Signed decisions: never bolder than the engine, bound to what was read, obeyed mechanically."""

from copy import copy

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from escalation import engines
from escalation.decisions import holding
from escalation.decisions import services as decisions
from escalation.engine import reading as engine_reading
from escalation.engine import terms
from escalation.models import BasisChanged, Decision, Hold
from escalation.situation import queries
from patients.models import Cohort
from tests import factories
from trial.models import Signature
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


def decide(study, outcome, position=None, *, by=None, basis=None, reason="", proof="simulated", **more):
    with study.at():
        return decisions.decide(
            trial=study.trial.pk,
            outcome=outcome,
            position=position,
            basis=basis or study.situation().basis,
            reason=reason,
            proof=proof,
            by=by or study.dsmb,
            **more,
        )


def countersign(study, decision, by):
    with study.at():
        return decisions.countersign(
            trial=study.trial.pk, decision=decision.pk, basis=study.situation().basis, proof="simulated", by=by
        )


def test_decision_0_opens_the_first_cohort_at_the_start_level():
    study = factories.study().open()

    cohort = Cohort.objects.get(trial=study.trial)
    assert (cohort.number, cohort.dose_level.label, cohort.places) == (1, "1", 3)


def test_a_decision_takes_effect_with_the_last_signature():
    study = factories.study()

    decision = decide(study, "stay", 1)
    assert not Cohort.objects.filter(trial=study.trial).exists()

    countersign(study, decision, study.medical_monitor)
    assert Cohort.objects.filter(trial=study.trial).exists()


def test_one_person_cannot_sign_twice():
    study = factories.study()
    decision = decide(study, "stay", 1)

    with pytest.raises(Refused, match="another person"):
        countersign(study, decision, study.dsmb)


def test_the_database_too_refuses_two_signatures_of_one_person():
    study = factories.study()
    decision = decide(study, "stay", 1)
    mine = Signature.objects.get(subject=decision.pk)

    with pytest.raises(DatabaseError), study.at():
        with ledger.action(study.trial.pk, by=study.dsmb, may=May.SIGN_DECISION, verb="wrong"):
            mine.pk = None
            mine.id = decision.pk
            mine._state.adding = True
            mine.save()


def test_one_signature_must_be_a_committee_members():
    study = factories.study(signatures=1)

    with pytest.raises(Refused, match="safety committee"):
        decide(study, "stay", 1, by=study.medical_monitor)


@pytest.mark.parametrize("role", ["investigator", "coordinator", "statistician", "auditor"])
def test_others_may_not_sign(role):
    study = factories.study()

    with pytest.raises(PermissionDenied):
        decide(study, "stay", 1, by=getattr(study, role))


def test_a_real_trial_is_never_signed_without_a_password():
    study = factories.study()
    with study.at(), ledger.action(study.trial.pk, by=None, may=None, verb="test.make-real"):
        study.trial.simulated = False
        study.trial.save()

    with pytest.raises(Refused, match="Password"):
        decisions.decide(
            trial=study.trial.pk,
            outcome="stay",
            position=1,
            basis=queries.situation(study.trial, study.today).basis,
            proof="simulated",
            by=study.dsmb,
        )


def test_no_dlt_in_three_escalates_and_opens_the_next_cohort():
    study = factories.study().open()
    study.cohort(3)

    study.sign()

    assert Cohort.objects.get(trial=study.trial, closed_at=None).dose_level.label == "2"
    assert study.situation().free == 3


def test_one_dlt_in_three_expands_to_six():
    study = factories.study().open()
    study.cohort(3, dlts=1)
    assert study.situation().advice.action is terms.Action.EXPAND

    study.sign()

    assert study.situation().free == 3
    assert Cohort.objects.get(trial=study.trial, closed_at=None).places == 6


def test_a_bolder_decision_is_refused():
    study = factories.study().open()
    study.cohort(3, dlts=1)

    with pytest.raises(Refused, match="bolder than the recommendation"):
        decide(study, "escalate", 2)


def test_a_more_cautious_decision_needs_a_reason_and_is_obeyed():
    study = factories.study().open()
    study.cohort(3)

    with pytest.raises(Refused, match="Reason"):
        decide(study, "hold")
    decision = decide(study, "hold", reason="A signal in another trial.")
    countersign(study, decision, study.medical_monitor)

    assert Hold.objects.filter(trial=study.trial, lifted_by=None).exists()
    assert study.situation().free == 0


def test_a_cautious_committee_fills_the_level_before_it_escalates():
    study = factories.study().open()
    study.cohort(3)

    decision = decide(study, "stay", 1, reason="Three more before the dose rises.")
    countersign(study, decision, study.medical_monitor)
    assert study.situation().free == 3
    study.cohort(3)

    study.sign()
    assert study.situation().cohort.dose_level.label == "2"


def test_after_a_cautious_de_escalation_the_level_left_stays_closed():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    study.cohort(3)

    decision = decide(study, "de_escalate", 1, reason="Late toxicity outside the window.")
    countersign(study, decision, study.medical_monitor)
    assert study.situation().advice.closed_from == 2
    study.cohort(3)

    assert (study.situation().advice.action, study.situation().advice.level) == (terms.Action.MTD, 1)


def test_a_cautious_committee_may_name_a_lower_level_the_mtd():
    study = factories.study().open()
    for dlts in (1, 0):
        study.cohort(3, dlts=dlts)
        study.sign()
    study.cohort(3)
    study.sign()
    study.cohort(3, dlts=2)
    study.sign()
    study.cohort(3)
    assert (study.situation().advice.action, study.situation().advice.level) == (terms.Action.MTD, 2)

    with pytest.raises(Refused, match="Reason"):
        decide(study, "mtd", 1)
    decision = decide(study, "mtd", 1, reason="Two patients stopped level 2 after the window.")

    assert countersign(study, decision, study.medical_monitor).dose_level.label == "1"


def test_a_hold_is_lifted_by_the_next_decision():
    study = factories.study().open()
    study.cohort(3)
    with study.at():
        holding.hold(trial=study.trial.pk, reason="Look first.", by=study.medical_monitor)
    assert study.situation().holds

    study.sign()

    assert study.situation().free == 3


def test_facts_that_came_in_between_reading_and_signing_are_named():
    study = factories.study().open()
    who = study.cohort(3)
    read = study.situation().basis
    study.event(who[0], onset_on=who[0].treatment.first_dose_on)

    with pytest.raises(Refused, match="an adverse event was reported"):
        decide(study, "escalate", 2, basis=read)


def test_facts_that_change_nothing_of_the_count_do_not_void_a_basis():
    study = factories.study().open()
    study.cohort(3)
    read = study.situation().basis
    study.event(study.situation().facts[0].patient, grade=1, term="Nausea")

    assert decide(study, "escalate", 2, basis=read).number == 1


def test_the_second_signer_is_told_what_changed():
    study = factories.study().open()
    who = study.cohort(3)
    decision = decide(study, "escalate", 2)
    study.event(who[0], onset_on=who[0].treatment.first_dose_on)

    with pytest.raises(Refused, match="patient 001 was no DLT, is now suspected DLT"):
        countersign(study, decision, study.medical_monitor)


def test_an_unknown_level_is_refused():
    study = factories.study().open()
    study.cohort(3)

    with pytest.raises(Refused, match="not on the ladder"):
        decide(study, "escalate", 9)


def test_a_basis_of_nobodys_making_is_refused():
    study = factories.study()

    with pytest.raises(Refused, match="not one of ours"):
        decide(study, "stay", 1, basis="x")


def test_a_late_dlt_holds_enrolment_and_the_next_decision_answers_it():
    study = factories.study().open()
    early = study.cohort(3)
    study.sign()
    study.dlt_late = study.event(early[0], onset_on=early[0].treatment.first_dose_on)
    study.verdict(study.dlt_late, study.investigator)
    study.verdict(study.dlt_late, study.medical_monitor)

    change = BasisChanged.objects.filter(trial=study.trial).latest("rev")
    assert (change.decision.number, change.now) == (1, "DLT at level 1")
    assert study.situation().free == 0
    with pytest.raises(Refused, match="basis of decision 1 has changed"):
        study.slot()


def content_with(decision, later_toxicity):
    other = copy(decision)
    other.later_toxicity = later_toxicity
    return decisions.content_hash(other)


def test_from_protocol_to_mtd_and_rp2d():
    """1: 0/3. 2: 0/3. 3: 2/3, closed; back to 2: 1/3 more, so the MTD is level 2."""
    study = factories.study(levels=3).open()
    for dlts in (0, 0, 2):
        study.cohort(3, dlts=dlts)
        study.sign()
    assert study.situation().cohort.dose_level.label == "2"
    study.cohort(3, dlts=1)
    assert study.situation().advice.action is terms.Action.MTD

    study.sign()
    here = study.situation()
    assert here.conclusion.dose_level.label == "2"
    assert here.free == 0
    with pytest.raises(Refused, match="bolder|at or below"):
        decide(study, "rp2d", 3, reason="x")
    with pytest.raises(Refused, match="say why"):
        decide(study, "rp2d", 1)

    with pytest.raises(Refused, match="say how it counted") as refusal:
        decide(study, "rp2d", 2, reason="Best tolerated with activity.")
    assert refusal.value.field == "later_toxicity"
    decision = decide(study, "rp2d", 2, reason="Best tolerated with activity.", later_toxicity="No later event.")
    countersign(study, decision, study.medical_monitor)
    assert decision.later_toxicity == "No later event." and decision.content == decisions.content_hash(decision)
    assert decision.content != content_with(decision, "Two later events.")
    assert study.situation().rp2d.dose_level.label == "2"


def test_a_late_dlt_reopens_the_conclusion_for_an_amending_decision():
    """1: 0/3. 2: 2/3. Back to 1: 0/6, the MTD; then a DLT of the first cohort turns up."""
    study = factories.study(levels=2).open()
    early = study.cohort(3)
    study.sign()
    study.cohort(3, dlts=2)
    study.sign()
    late = study.cohort(3)
    study.sign()
    assert study.situation().conclusion.dose_level.label == "1"

    for patient in (early[0], late[0]):
        event = study.event(patient, onset_on=patient.treatment.first_dose_on)
        study.verdict(event, study.investigator)
        study.verdict(event, study.medical_monitor)
    assert study.situation().conclusion is None
    assert study.situation().free == 0
    assert study.situation().advice.action is terms.Action.NONE_TOLERATED

    study.sign()
    assert study.situation().conclusion.outcome == "stop"


def test_the_mtd_waits_for_everyone_at_or_below_it():
    study = factories.study(levels=2).open()
    for dlts in (0, 2):
        study.cohort(3, dlts=dlts)
        study.sign()
    who = [study.dose() for _ in range(3)]
    study.later(2)
    study.complete(*who[:2])
    assert study.situation().advice.action is terms.Action.MTD  # 5 + 1 pending

    with pytest.raises(Refused, match="still pending"):
        decide(study, "mtd", 1)


def test_a_signed_decision_replays_to_the_stored_answer():
    study = factories.study().open()
    study.cohort(3, dlts=1)
    study.sign()

    for decision in Decision.objects.filter(trial=study.trial):
        assert engine_reading.as_json(engines.recommend(decision.inputs)) == decision.recommendation
