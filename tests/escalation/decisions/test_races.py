"""Two at once is the normal case: real PostgreSQL, real threads."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import connections

from assessments.models import DltVerdict
from escalation.decisions import services as decisions
from escalation.enrolment import services as enrolment
from escalation.models import Decision
from patients.models import Patient, Slot
from tests import factories
from trial import clock
from trial.models import Ledger
from trial.refusals import Busy, Refused

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(study, *calls: Callable[[], object]) -> list[object]:
    """Run the calls at the same moment, each on its own connection; results or refusals, in order.

    study: at whose time; None for the real clock, as for what belongs to the installation.
    """
    answers: list[object] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(k: int) -> None:
        try:
            start.wait()
            with clock.at(study.now) if study else nullcontext():
                answers[k] = calls[k]()
        except Exception as error:
            answers[k] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(k,)) for k in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_forty_requests_for_three_slots_fill_exactly_three():
    study = factories.study().open()

    answers = at_once(
        study, *[lambda: enrolment.request_slot(trial=study.trial.pk, by=study.coordinator) for _ in range(40)]
    )

    assert sum(isinstance(answer, Slot) for answer in answers) == 3
    # four of a process wait for the trial, and the others are told to try again
    assert sum(isinstance(answer, (Refused, Busy)) for answer in answers) == 37
    assert Slot.objects.filter(trial=study.trial, state=Slot.State.GRANTED).count() == 3


def test_one_slot_enrols_one_patient():
    study = factories.study().open()
    slot = study.ready(study.slot())

    at_once(
        study, *[lambda: enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator) for _ in range(4)]
    )

    assert Patient.objects.filter(trial=study.trial).count() == 1


def test_a_suspected_dlt_and_a_first_dose_never_both_pass_unseen():
    study = factories.study().open()
    waiting, dosed = study.enrol(), study.dose()

    at_once(study, lambda: study.event(dosed), lambda: study.dose(waiting))

    # whichever came first: a dose given after the report would carry the later number
    patient = Patient.objects.get(pk=waiting.pk)
    event = dosed.events.get()
    treatment = getattr(patient, "treatment", None)
    assert treatment is None or treatment.rev < event.rev


def test_two_first_signatures_make_one_decision():
    study = factories.study()
    basis = study.situation().basis

    def sign(by):
        return lambda: decisions.decide(
            trial=study.trial.pk, outcome="stay", position=1, basis=basis, proof="simulated", by=by
        )

    answers = at_once(study, sign(study.dsmb), sign(study.dsmb2))

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Decision.objects.filter(trial=study.trial).count() == 1


def test_two_second_readers_at_once_leave_one_verdict():
    study = factories.study().open()
    event = study.event(study.dose())

    at_once(study, *[lambda: study.verdict(event, study.medical_monitor) for _ in range(2)])

    assert DltVerdict.objects.filter(event=event).count() == 1


def test_numbers_have_no_gap_after_a_race():
    study = factories.study().open()
    before = Ledger.objects.get(trial=study.trial).number

    answers = at_once(
        study, *[lambda: enrolment.request_slot(trial=study.trial.pk, by=study.coordinator) for _ in range(10)]
    )

    granted = sum(isinstance(answer, Slot) for answer in answers)
    assert Ledger.objects.get(trial=study.trial).number == before + granted
