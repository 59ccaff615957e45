"""From the report of an event to the count: readers, evaluability, replacement, and refusals in words."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from assessments.count import queries
from assessments.count import services as count
from assessments.events import services
from assessments.models import AdverseEvent, DltVerdict, Evaluability
from assessments.review import services as review
from escalation.engine import terms as engine
from patients.dosing import services as patients
from tests import factories
from trial.models import Drug
from trial.people import services as ground
from trial.protocol_settings import ProtocolSettings
from trial.record import ledger
from trial.refusals import KeyReused, Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study().open()


def outcome(study, patient):
    facts = queries.one(study.trial.pk, patient.pk, study.today)
    return facts.outcome


def test_an_event_that_meets_a_criterion_is_suspected_at_once(study):
    patient = study.dose()

    study.event(patient)

    assert outcome(study, patient) == "suspected"


def test_two_readers_who_agree_make_a_dlt(study):
    patient = study.dose()

    study.dlt(patient)

    assert outcome(study, patient) == "dlt"


def test_one_reader_is_not_enough_for_not_a_dlt(study):
    patient = study.dose()
    event = study.event(patient)

    study.verdict(event, study.investigator, is_dlt=False)
    assert outcome(study, patient) == "suspected"

    study.verdict(event, study.medical_monitor, is_dlt=False)
    assert outcome(study, patient) == "pending"


def test_when_two_differ_a_third_decides(study):
    patient = study.dose()
    event = study.event(patient)
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor, is_dlt=False)
    assert outcome(study, patient) == "suspected"

    study.verdict(event, study.dsmb)

    assert outcome(study, patient) == "dlt"


def test_a_colleague_of_the_same_site_who_is_named_third_reader_decides_when_two_differ(study):
    colleague = factories.person("colleague")
    with study.at():
        ground.add_member(
            trial=study.trial.pk, user=colleague.pk, role="investigator", site=study.site.pk, third_reader=True,
            by=study.administrator,
        )  # fmt: skip
    patient = study.dose()
    event = study.event(patient)
    study.verdict(event, study.investigator)
    with pytest.raises(Refused, match="first two differ"):
        study.verdict(event, colleague)
    study.verdict(event, study.medical_monitor, is_dlt=False)

    study.verdict(event, colleague)

    assert outcome(study, patient) == "dlt"
    assert DltVerdict.objects.get(by=colleague).reader == "third"


def test_a_third_reader_waits_for_the_first_two(study):
    event = study.event(study.dose())
    study.verdict(event, study.investigator)

    with pytest.raises(Refused, match="first two differ"):
        study.verdict(event, study.dsmb)


def test_an_investigator_of_another_site_reads_only_when_named(study):
    event = study.event(study.dose())

    with pytest.raises(Refused, match="not named"):
        study.verdict(event, study.other_investigator)


def test_the_database_refuses_one_person_as_two_readers(study):
    event = study.event(study.dose())
    study.verdict(event, study.investigator)

    with pytest.raises(DatabaseError, match="verdict_readers_are_different_people"), study.at():
        with ledger.action(study.trial.pk, by=study.investigator, may=May.READ_FIRST, verb="wrong") as act:
            DltVerdict.objects.create(
                trial=study.trial,
                event=event,
                reader=DltVerdict.Reader.SECOND,
                by=study.investigator,
                is_dlt=True,
                reason="x",
                given_at=act.now,
            )


def test_a_corrected_event_is_read_again(study):
    patient = study.dose()
    event = study.dlt(patient)
    rev = AdverseEvent.objects.get(pk=event.pk).rev

    with study.at():
        services.correct_event(
            trial=study.trial.pk,
            event=event.pk,
            report=services.EventReport(
                term=event.term, grade=3, onset_on=event.onset_on, relations={}, qualifiers={}, suspected=True
            ),
            rev=rev,
            reason="Grade was wrong.",
            by=study.investigator,
        )

    assert outcome(study, patient) == "suspected"


def test_a_correction_on_an_old_screen_names_who_changed_it(study):
    event = study.event(study.dose())
    report = services.EventReport(term=event.term, grade=3, onset_on=event.onset_on, relations={}, qualifiers={})
    correct = {"trial": study.trial.pk, "event": event.pk, "reason": "x", "by": study.investigator, "rev": event.rev}
    with study.at():
        correct["rev"] = AdverseEvent.objects.get(pk=event.pk).rev
        services.correct_event(report=report, **correct)

        with pytest.raises(Refused, match="changed by Investigator"):
            services.correct_event(report=report, **correct)


BAD = [
    ({"onset_on": timedelta(days=1)}, "in the future", "onset_on"),
    ({"onset_on": timedelta(days=-1), "suspected": True}, "before the first dose", "onset_on"),
    ({"grade": 6}, "goes from 1 to 5", "grade"),
    ({"grade": 5}, "has no grade 5", "grade"),
    ({"term": "Plague"}, "not in the CTCAE list", "term"),
    ({"term": "Investigations - Other, specify"}, "say in words", "specified"),
    ({"ended_on": timedelta(days=-1)}, "before the onset", "ended_on"),
    ({"aware_on": timedelta(days=1)}, "in the future", "aware_on"),
    ({"aware_on": timedelta(days=-1)}, "before the onset", "aware_on"),
    ({"relations": {uuid.uuid4(): "possible"}}, "drug of this trial", "relations"),
]


@pytest.mark.parametrize(("wrong", "sentence", "field"), BAD)
def test_bad_input_names_field_and_rule_and_writes_nothing(study, wrong, sentence, field):
    patient = study.dose()
    wrong = {k: study.today + v if isinstance(v, timedelta) else v for k, v in wrong.items()}

    with pytest.raises(Refused, match=sentence) as refusal:
        study.event(patient, **wrong)

    assert refusal.value.field == field
    assert not AdverseEvent.objects.filter(trial=study.trial).exists()


def test_the_same_report_sent_twice_is_one_event(study):
    patient, key = study.dose(), uuid.uuid4()
    report = services.EventReport(term="Nausea", grade=1, onset_on=study.today, relations={}, qualifiers={})
    asked = {"trial": study.trial.pk, "patient": patient.pk, "by": study.investigator, "key": key}
    with study.at():
        first = services.report_event(report=report, **asked)
        again = services.report_event(report=report, **asked)
        assert first.pk == again.pk
        with pytest.raises(KeyReused):
            services.report_event(
                report=services.EventReport(term="Nausea", grade=2, onset_on=study.today, relations={}, qualifiers={}),
                **asked,
            )


@pytest.mark.parametrize("role", ["medical_monitor", "dsmb", "auditor"])
def test_only_the_site_reports_events(study, role):
    patient = study.dose()

    with pytest.raises(PermissionDenied), study.at():
        services.report_event(
            trial=study.trial.pk,
            patient=patient.pk,
            report=services.EventReport(term="Nausea", grade=1, onset_on=study.today, relations={}, qualifiers={}),
            by=getattr(study, role),
        )


def test_a_cycle_2_held_for_related_toxicity_is_suspected_from_day_44(study):
    patient = study.dose()
    study.take_doses(patient)
    study.event(patient, term="Neutrophil count decreased", grade=3, delays_cycle_2=True)

    study.later(days=42)  # day 43
    assert outcome(study, patient) == "pending"
    with pytest.raises(Refused):
        study.confirm(patient)
    study.later(days=1)  # day 44
    assert outcome(study, patient) == "suspected"


def test_a_cycle_2_that_began_in_time_leaves_nothing_open(study):
    patient = study.dose()
    study.take_doses(patient)
    study.event(patient, term="Neutrophil count decreased", grade=3, delays_cycle_2=True)
    study.later(days=42)  # day 43
    with study.at():
        patients.start_cycle_2(trial=study.trial.pk, patient=patient.pk, on=study.today, by=study.investigator)

    study.confirm(patient)

    assert outcome(study, patient) == "no_dlt"


@pytest.mark.parametrize(
    ("taken", "relation", "state"),
    [
        (74, "possible", "suspected"),  # 26 % missed for related toxicity
        (75, "possible", "pending"),  # exactly 25 % is not more: enough was taken, to be confirmed
        (74, "unrelated", "pending"),  # missed, but not for toxicity of a study drug: to be replaced
        (74, None, "suspected"),  # a missing relation counts as suspected
    ],
)
def test_doses_missed_for_an_event_make_it_suspected_once_the_window_is_over(study, taken, relation, state):
    patient = study.dose()
    relations = {drug.pk: relation for drug in Drug.objects.filter(trial=study.trial)} if relation else {}
    study.event(patient, term="Anemia", grade=2, relations=relations, doses_missed=True)
    study.take_doses(patient, taken)

    study.later(days=27)  # day 28: the rest may still be taken
    assert outcome(study, patient) == "pending"
    study.later(days=1)
    assert outcome(study, patient) == state


def test_doses_missed_are_no_criterion_where_n4_is_off():
    study = factories.study(criteria=ProtocolSettings().criteria | {"N4": False}).open()
    patient = study.dose()
    study.event(patient, term="Anemia", grade=2, doses_missed=True)
    study.take_doses(patient, 50)
    study.later(days=28)

    assert outcome(study, patient) == "pending"
    study.confirm(patient, "not_evaluable", "toxicity")
    assert outcome(study, patient) == "not_evaluable"


def test_a_stopped_treatment_takes_no_more_doses(study):
    patient = study.dose()
    study.event(patient, term="Anemia", grade=2, doses_missed=True)
    study.take_doses(patient, 50)
    study.later(days=9)
    with study.at():
        patients.stop_treatment(
            trial=study.trial.pk, patient=patient.pk, on=study.today, stop_reason="Toxicity", by=study.investigator
        )

    assert outcome(study, patient) == "suspected"


def test_short_doses_ask_for_their_cause_before_a_patient_is_replaced(study):
    patient = study.dose()
    study.take_doses(patient, 50)
    study.later(days=28)

    def confirm(cause):
        with study.at():
            count.confirm_evaluability(
                trial=study.trial.pk, patient=patient.pk, state="not_evaluable", missed_because=cause,
                by=study.investigator,
            )  # fmt: skip

    with pytest.raises(Refused, match="say why they were missed"):
        confirm("")
    with pytest.raises(Refused, match="criterion N4: mark the adverse event"):
        confirm("toxicity")
    confirm("other")

    assert outcome(study, patient) == "not_evaluable"
    assert Evaluability.objects.get(patient=patient).missed_because == "other"


def test_readers_may_find_that_missed_doses_are_no_dlt_and_the_patient_is_replaced(study):
    patient = study.dose()
    event = study.event(patient, term="Anemia", grade=2, doses_missed=True)
    study.take_doses(patient, 50)
    study.later(days=28)
    for reader in (study.investigator, study.medical_monitor):
        study.verdict(event, reader, is_dlt=False)

    study.confirm(patient, "not_evaluable", "toxicity")

    assert outcome(study, patient) == "not_evaluable"


def test_passing_time_alone_completes_nobody(study):
    patient = study.dose()
    study.take_doses(patient)

    study.later(days=60)

    assert outcome(study, patient) == "pending"


def test_evaluability_is_confirmed_from_day_29_on(study):
    patient = study.dose()
    study.take_doses(patient)
    study.later(days=27)
    with pytest.raises(Refused, match="Day 28 of the window of 28"):
        study.confirm(patient)

    study.later(days=1)
    study.confirm(patient)

    assert outcome(study, patient) == "no_dlt"


@pytest.mark.parametrize(("taken", "state"), [(75, "completed"), (74, "not_evaluable")])
def test_three_quarters_of_each_drug_are_enough(study, taken, state):
    patient = study.dose()
    study.take_doses(patient, taken=taken)
    study.later(days=28)

    study.confirm(patient, state)

    assert outcome(study, patient) == {"completed": "no_dlt"}.get(state, state)


def test_a_not_evaluable_patient_is_replaced(study):
    who = [study.dose() for _ in range(3)]
    study.later(days=28)
    study.take_doses(who[0], taken=10)
    study.confirm(who[0], "not_evaluable")
    study.complete(*who[1:])

    here = study.situation()
    assert here.advice.action is engine.Action.ENROL
    assert (here.advice.slots, here.free) == (1, 1)


def test_a_patient_counts_at_the_level_received(study):
    study.cohort(3)
    study.sign()
    patient = study.dose()
    first = study.situation().protocol.level(1)
    with study.at():
        patients.correct_received_level(
            trial=study.trial.pk,
            patient=patient.pk,
            dose_level=first.pk,
            reason="Given level 1 by mistake.",
            by=study.investigator,
        )

    assert [t.pending for t in study.situation().advice.tallies] == [1, 0, 0]


def test_a_verdict_names_a_criterion_that_there_is(study):
    event = study.event(study.dose())

    with study.at(), pytest.raises(Refused, match="Criterion: 'Z9' is none"):
        review.give_verdict(
            trial=study.trial.pk, event=event.pk, is_dlt=True, criterion="Z9", reason="x", by=study.investigator
        )
