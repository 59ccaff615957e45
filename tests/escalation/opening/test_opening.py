"""A running trial is brought in: its opening signed, its patients entered, and the first decision signed here."""

import uuid
from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessments.count.first_dose import correct_first_dose
from escalation.decisions import services as decisions
from escalation.models import Decision, PaperOpening
from escalation.opening import entry, services
from escalation.opening.services import OnPaper
from patients.models import Cohort, Patient
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import browser, text
from trial.models import AuditEvent, DoseLevel, Signature
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A protocol of three levels, no decision; 5 Jan 2026."""
    return factories.study()


def level(study, label):
    return DoseLevel.objects.get(trial=study.trial, label=str(label)).pk


def on_paper(study, *said):
    rows = said or ((1, date(2025, 6, 2)), (2, date(2025, 9, 1)))
    return [OnPaper(level(study, label), on, f"Minutes of {on}") for label, on in rows]


def propose(study, levels=None, by=None, **more):
    with study.at():
        return services.propose(
            trial=study.trial.pk, levels=on_paper(study) if levels is None else levels, reason="Moved from paper.",
            proof="simulated", by=by or study.dsmb, **more,
        )  # fmt: skip


def countersign(study, row, by=None):
    with study.at():
        return services.countersign(
            trial=study.trial.pk, opening=row.pk, proof="simulated", by=by or study.medical_monitor
        )


@pytest.fixture
def opened(study):
    countersign(study, propose(study))
    return study


def enter(study, on=date(2025, 6, 10), cohort=1, by=None, **more):
    said = {
        "consent_version": "1.0", "consented_on": on, "enrolled_on": on, "first_dose_on": on, "source": "Binder 1",
    }  # fmt: skip
    with study.at():
        return entry.enter(trial=study.trial.pk, cohort=cohort, by=by or study.coordinator, **(said | more))


def complete(study, treatment):
    study.take_doses(treatment.patient)
    study.confirm(Patient.objects.get(pk=treatment.patient_id))


def test_two_signatures_open_the_levels_of_paper_and_no_slot(study):
    row = propose(study)
    assert not Cohort.objects.exists(), "one signature opens nothing"

    countersign(study, row)

    found = [(c.dose_level.label, c.paper_on, c.paper_reference, c.closed_at is None) for c in Cohort.objects.all()]
    assert found == [
        ("1", date(2025, 6, 2), "Minutes of 2025-06-02", False),
        ("2", date(2025, 9, 1), "Minutes of 2025-09-01", False),
    ]
    assert Signature.objects.filter(subject=row.pk, content=row.content).count() == 2
    with pytest.raises(Refused, match="the first decision signed here opens enrolment"):
        study.slot()


def test_a_safety_committee_member_signs_and_nobody_twice(study):
    row = propose(study, by=study.medical_monitor)

    with pytest.raises(Refused, match="You have signed"):
        countersign(study, row, study.medical_monitor)
    with pytest.raises(Exception, match="may not sign a decision"):
        countersign(study, row, study.investigator)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ((), "name at least one level"),
        (((2, date(2025, 9, 1)), (1, date(2025, 6, 2))), "Decision 2: 2 Jun 2025 is before the decision above"),
        (((1, date(2026, 1, 6)),), "Decision 1: 6 Jan 2026 must lie between 1900 and today"),
    ],
)
def test_what_cannot_be_on_paper_is_refused(study, said, sentence):
    with pytest.raises(Refused, match=sentence):
        propose(study, on_paper(study, *said) if said else [])


def test_a_trial_that_runs_here_is_not_brought_in():
    study = factories.study().open()

    with pytest.raises(Refused, match="has decisions or patients here already"):
        propose(study)


def test_a_decision_signed_meanwhile_keeps_the_opening_from_coming_in_force(study):
    row = propose(study)
    study.open()

    with pytest.raises(Refused, match="has decisions or patients here already"):
        countersign(study, row)


def test_patients_are_entered_in_order_at_the_level_received_with_their_source(opened):
    enter(opened)
    treatment = enter(opened, date(2025, 9, 10), cohort=2, received_level=level(opened, 1), reason="Pharmacy's error.")

    assert (treatment.received_level.label, treatment.patient.source) == ("1", "Binder 1")
    assert [f.patient.code for f in opened.situation().facts] == ["001", "002"]
    assert AuditEvent.objects.filter(ledger__trial=opened.trial).latest("number").verb == "paper.enter"
    with pytest.raises(Refused, match="entered in the order of their first doses"):
        enter(opened, date(2025, 7, 1))
    assert enter(opened, date(2025, 7, 1), reason="Found later.").patient.code == "003"


def test_a_screening_number_of_paper_is_kept_with_its_day_and_given_once(opened):
    enter(opened, screening="SCR-007")

    row = Patient.objects.get().slot.screening
    assert (row.number, row.on, row.outcome) == ("SCR-007", date(2025, 6, 10), "enrolled")
    with pytest.raises(Refused, match="SCR-007 is patient 001; one patient gets one slot"):
        enter(opened, screening="scr-007")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"on": date(2025, 6, 1)}, "First dose: 1 Jun 2025 is before the decision on paper that opened level 1"),
        ({"cohort": 3}, "Opened by: no such decision on paper"),
        ({"source": " "}, "Source: say where it stands"),
        ({"enrolled_on": date(2025, 6, 9)}, "Enrolled on: 9 Jun 2025 is before the consent"),
        ({"enrolled_on": date(2025, 6, 11)}, "First dose: 10 Jun 2025 is before the enrolment"),
        ({"consented_on": date(2024, 6, 1)}, "begin a year before its first decision on paper"),
    ],
)
def test_a_patient_who_cannot_be_is_refused(opened, said, sentence):
    with pytest.raises(Refused, match=sentence):
        enter(opened, **said)
    assert not Patient.objects.exists()


def test_who_starts_after_the_opening_is_no_patient_of_paper(opened):
    """It came in force on 5 Jan 2026; the door past slots, holds and eligibility is shut from the next day on."""
    late = enter(opened, date(2026, 1, 5), cohort=2)
    opened.later(2)

    with pytest.raises(Refused, match="6 Jan 2026 is after the running trial was brought in .5 Jan 2026.") as refusal:
        enter(opened, date(2026, 1, 6), cohort=2)
    assert refusal.value.field == "first_dose_on"
    with opened.at(), pytest.raises(Refused, match="is after the running trial was brought in"):
        correct_first_dose(
            trial=opened.trial.pk, patient=late.patient_id, on=date(2026, 1, 6), reason="Misread.",
            by=opened.investigator,
        )  # fmt: skip
    assert Patient.objects.count() == 1


def test_a_patient_of_paper_who_was_forgotten_changes_the_first_decision_here(opened):
    for day in (10, 11, 12):
        complete(opened, enter(opened, date(2025, 6, day)))
    opened.sign()
    assert not opened.situation().changes

    enter(opened.later(1), date(2025, 6, 13))

    (change,) = opened.situation().changes
    assert (change.decision.number, change.was) == (1, "not among its patients")


def test_only_who_enrols_enters_and_only_under_an_opening(opened):
    for by in (opened.investigator, opened.medical_monitor):
        with pytest.raises(Exception, match="may not enrol"):
            enter(opened, by=by)
    other = factories.study()
    with pytest.raises(Refused, match="no such decision on paper"):
        enter(other)


def test_the_first_decision_here_follows_the_engine_on_the_state_so_reached(opened):
    for day in (10, 11, 12):
        complete(opened, enter(opened, date(2025, 6, day)))
    for day in (10, 11, 12):
        complete(opened, enter(opened, date(2025, 9, day), cohort=2))
    here = opened.situation()
    assert (here.advice.action, here.advice.level) == ("escalate", 3), "0/3 at both: level 3 is next"

    opened.sign()

    decision = Decision.objects.get()
    assert (decision.number, decision.kind, decision.outcome) == (1, "cohort", "escalate")
    assert opened.slot().state == "granted"
    assert not opened.situation().changes


def test_nothing_is_decided_here_before_a_patient_is_entered(opened):
    with pytest.raises(Refused, match="No patient is entered from paper yet"):
        opened.sign()


def test_it_is_marked_on_the_pages_and_replayed_nowhere(opened):
    enter(opened)
    with opened.at():
        for name in ("escalation:trial", "escalation:escalation"):
            page = text(browser(opened.dsmb).get(reverse(name, args=[opened.trial.code])))
            assert "taken outside the system" in page and "Minutes of 2025-06-02" in page, name
        shown = text(browser(opened.coordinator).get(reverse("patients:patient", args=[opened.trial.code, 1])))
    assert "opened outside the system; entered from paper: Binder 1" in shown
    assert not Decision.objects.exists()


def test_the_pages_lead_from_the_proposal_to_the_patients(study):
    def post(by, name, *args, **said):
        with study.at():
            url = reverse(f"escalation:{name}", args=[study.trial.code, *args])
            return browser(by).post(url, {"key": uuid.uuid4()} | said)

    said = {"level_1": level(study, 1), "on_1": "2 Jun 2025", "reference_1": "Minutes 4", "reason": "Moved."}
    wrong = post(study.dsmb, "opening", **said, password="not it")
    assert wrong.status_code == 422 and "This is not your password" in text(wrong)
    half = post(study.dsmb, "opening", on_1="2 Jun 2025", reason="Moved.", password=factories.PASSWORD)
    assert half.status_code == 422 and "Decision 1: choose the level that it opened." in text(half)
    assert post(study.coordinator, "opening", **said, password=factories.PASSWORD).status_code == 403
    assert post(study.dsmb, "opening", **said, password=factories.PASSWORD).status_code == 302
    assert post(study.dsmb, "opening_withdraw", 1, reason="Wrong day.").status_code == 302
    assert post(study.dsmb, "opening", **said, password=factories.PASSWORD).status_code == 302
    assert post(study.medical_monitor, "opening_sign", 2, password=factories.PASSWORD).status_code == 302
    patient = {
        "cohort": 1, "consent_version": "1.0", "consented_on": "3 Jun 2025", "enrolled_on": "3 Jun 2025",
        "first_dose_on": "4 Jun 2025", "source": "Binder 1",
    }  # fmt: skip
    assert post(study.dsmb, "opening_patient", **patient).status_code == 403
    refused = post(study.coordinator, "opening_patient", **patient | {"source": ""})
    assert refused.status_code == 422 and "Source: an answer is needed." in text(refused)
    assert post(study.coordinator, "opening_patient", **patient).status_code == 302
    assert Patient.objects.get().source == "Binder 1"


def test_an_opening_is_never_changed_in_the_database(study):
    row = propose(study)

    with pytest.raises(DatabaseError), transaction.atomic():
        PaperOpening.objects.filter(pk=row.pk).update(reason="x")

    assert PaperOpening.objects.get().reason == "Moved from paper."


@pytest.mark.django_db(transaction=True)
def test_an_opening_and_a_decision_0_at_once_never_both_come_in_force(study):
    row, basis = propose(study), study.situation().basis
    with study.at():
        decision = decisions.decide(
            trial=study.trial.pk, outcome="stay", position=1, basis=basis, proof="simulated", by=study.dsmb
        )
    basis = study.situation().basis

    def decide():
        return decisions.countersign(
            trial=study.trial.pk, decision=decision.pk, basis=basis, proof="simulated", by=study.medical_monitor
        )

    at_once(study, decide, lambda: countersign(study, row))

    paper = Cohort.objects.filter(paper_on__isnull=False).exists()
    assert paper != Decision.objects.filter(ending__in_force=True).exists()


@pytest.mark.django_db(transaction=True)
def test_one_patient_sent_twice_at_once_is_one(opened):
    key = uuid.uuid4()

    found = at_once(opened, *[lambda: enter(opened, key=key) for _ in range(2)])

    assert found[0].pk == found[1].pk and Patient.objects.count() == 1
