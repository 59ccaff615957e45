"""A patient entered with every date a month too late, corrected date by date, and back again: what is read follows."""

from datetime import date

import pytest

from assessments.count.first_dose import correct_first_dose
from assessments.endpoints import inputs
from assessments.events import services as events
from assessments.models import AdverseEvent
from assessments.response.follow_up import record_follow_up
from assessments.response.queries import course
from escalation.models import BasisChanged
from patients.consent import services as consents
from patients.dosing import corrections, services
from patients.enrolment.corrections import correct_eligibility, correct_enrolment
from patients.follow_up.services import Followed
from patients.models import Consent, EligibilityAnswer, Patient, Treatment
from tests import factories
from trial.models import AuditEvent
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Entered: consent and enrolment 5 Mar 2026, first dose 9 Mar, cycle 2 6 Apr, stop 20 Apr. True: a month before.

    Decision 1, of 20 Feb, lies between the first dose as it was and as it was entered.
    """
    made = factories.study().open()
    made.later(46).sign()  # 20 Feb
    made.later(13)  # 5 Mar
    made.patient = made.enrol()
    made.assess(made.patient, serum_m="3.0")
    made.later(4).dose(made.patient)
    made.later(3).event(made.patient, grade=1)
    made.later(60)
    with made.at():
        who = {"trial": made.trial.pk, "patient": made.patient.pk, "by": made.coordinator}
        services.start_cycle_2(**who, on=date(2026, 4, 6))
        made.assess(made.patient, visit_on=date(2026, 4, 10), serum_m="1.4")
        services.stop_treatment(**who, on=date(2026, 4, 20), stop_reason="Progression")
        record_follow_up(**who, said=Followed(last_contact_on=date(2026, 4, 25)), rev=0)
    return made


def steps(study, month):
    """Each correction to the day in another month, in the order of the days."""
    by, why = study.coordinator, "Every date is of another month."
    who = {"trial": study.trial.pk, "patient": study.patient.pk, "by": by, "reason": why}
    consent, event = Consent.objects.get(slot=study.patient.slot_id), AdverseEvent.objects.get()
    report = events.EventReport(
        term=event.term, grade=1, onset_on=date(2026, month, 12), qualifiers=event.qualifiers,
        relations={r.drug_id: r.degree for r in event.relations.all()},
    )  # fmt: skip
    answers = dict(EligibilityAnswer.objects.values_list("criterion", "met"))
    return [
        lambda: consents.correct_consent(
            trial=study.trial.pk, consent=consent.pk, version="1.0", given_on=date(2026, month, 5), rev=None,
            reason=why, by=by,
        ),
        lambda: correct_eligibility(
            trial=study.trial.pk, slot=study.patient.slot_id, answers=answers, on=date(2026, month, 5), reason=why,
            by=study.investigator,
        ),
        lambda: correct_enrolment(**who, on=date(2026, month, 5), given=True),
        lambda: correct_first_dose(**who, on=date(2026, month, 9)),
        lambda: events.correct_event(
            trial=study.trial.pk, event=event.pk, report=report, rev=event.rev, reason=why, by=study.investigator
        ),
        lambda: corrections.correct_cycle_2(**who, on=date(2026, month + 1, 6)),
        lambda: corrections.correct_stop(**who, on=date(2026, month + 1, 20), stop_reason="Progression"),
        lambda: record_follow_up(**who, said=Followed(last_contact_on=date(2026, month + 1, 25))),
    ]  # fmt: skip


def state(study):
    row = Treatment.objects.get(patient=study.patient)
    facts = next(f for f in study.situation().facts if f.patient.pk == study.patient.pk)
    found = course(study.trial.pk, study.patient.number, study.today)
    return (
        Patient.objects.get(pk=study.patient.pk).enrolled_on, row.first_dose_on, row.cycle2_on, row.stopped_on,
        facts.window_ends_on, facts.events[0].onset_day, [one.derived is None for one in found.assessments],
    )  # fmt: skip


def overall_survival(study):
    protocol = study.situation().protocol
    (subject,) = inputs.derived(
        inputs.read(study.trial.pk, study.today, protocol), study.today, protocol.settings
    ).subjects
    return subject.times["OS"].days


def marked(study):
    """The decisions whose basis the patient has changed, and whether each was taken back again."""
    return list(BasisChanged.objects.order_by("rev").values_list("decision__number", "restored"))


def test_date_by_date_to_the_month_before_and_back(study):
    wrong = state(study)
    assert wrong[4:] == (date(2026, 4, 5), 4, [True, False])
    assert (overall_survival(study), marked(study)) == (47, []), "last contact 25 Apr"

    with study.at():
        for step in steps(study, 2):
            step()
    assert state(study)[:6] == (
        date(2026, 2, 5), date(2026, 2, 9), date(2026, 3, 6), date(2026, 3, 20), date(2026, 3, 8), 4,
    )  # fmt: skip
    assert state(study)[6] == [False, False], "the visit of 5 Mar is after the first dose now"
    assert overall_survival(study) == 60, "the visit of 10 Apr stands: he was alive then"
    assert marked(study) == [(1, False)], "dosed before decision 1, which did not know him"
    assert study.situation().free == 0, "the committee is asked again"

    with study.at():
        with pytest.raises(Refused, match="Correct that first"):
            steps(study, 3)[2]()  # the enrolment past a first dose that is not corrected yet
        for step in reversed(steps(study, 3)):
            step()
    assert state(study) == wrong
    assert (overall_survival(study), marked(study)[-1]) == (47, (1, True))
    reasons = AuditEvent.objects.filter(ledger__trial=study.trial, reason="Every date is of another month.")
    assert reasons.count() == 16
