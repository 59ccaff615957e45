"""Correcting and voiding: what stands on an old page undoes nothing unseen, and two voids are one."""

import ast
import uuid
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from assessments.biomarker import consents as voiding
from assessments.biomarker import services as biomarker
from assessments.count import first_dose as first_doses
from assessments.events import expected
from assessments.events import services as events
from assessments.models import AdverseEvent
from assessments.response import services as response
from escalation.enrolment import withdrawals
from patients.consent import services as consent
from patients.models import Consent
from patients.screening import services as screening
from patients.withdrawal import services as withdrawal
from tests import factories
from trial.record import ledger
from trial.refusals import KeyReused, Refused, Stale
from trial.roles import May
from trial.verbs import CORRECTS, VERBS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
REASON = "Another patient's."


@pytest.fixture
def study():
    return factories.study().open()


def assay(study):
    return biomarker.define_assay(trial=study.trial.pk, name="One", lower_limit=Decimal(5), by=study.medical_monitor)


def sample(study):
    patient = study.enrol()
    with study.at():
        consent.record_consent(
            trial=study.trial.pk, slot=patient.slot_id, kind=Consent.Kind.BIOMARKER, version="B 1.0",
            given_on=study.today, by=study.coordinator,
        )  # fmt: skip
        return biomarker.record_sample(
            trial=study.trial.pk, patient=patient.pk, reading=biomarker.Reading(assay(study).pk, "L 7", Decimal(9)),
            taken_on=study.today, taken_at=time(8), by=study.coordinator,
        )  # fmt: skip


def cut_off(study):
    with study.at():
        return biomarker.add_cut_off(
            trial=study.trial.pk, assay=assay(study).pk, purpose="prognostic", value=Decimal(300), source="A paper",
            by=study.medical_monitor,
        )  # fmt: skip


def control(study):
    with study.at():
        (row,) = biomarker.record_controls(
            trial=study.trial.pk, assay=assay(study).pk, kit_lot="L 7", source="A paper",
            controls=[biomarker.ControlReading("C 1", Decimal(9))], by=study.medical_monitor,
        )  # fmt: skip
    return row


def listed(study):
    with study.at():
        return expected.add_list(
            trial=study.trial.pk,
            version="IB 7",
            in_force_on=study.today,
            listed={"Nausea": 3},
            by=study.medical_monitor,
        )


def consent_version(study):
    with study.at():
        return consent.add_version(trial=study.trial.pk, version="9", valid_from=study.today, by=study.medical_monitor)


def taken_back(study):
    patient = study.enrol()
    with study.at():
        return withdrawal.record_withdrawal(
            trial=study.trial.pk, slot=patient.slot_id, covers="visits", on=study.today, public_records=False,
            reason="Wish.", by=study.coordinator,
        )  # fmt: skip


def screened(study):
    with study.at():
        return screening.record_screening(trial=study.trial.pk, number="S-1", on=study.today, by=study.coordinator)


SIGNED = {"opening.correct"}  # another opening, signed as the one in force, whose number the person saw
VOIDS = {  # verb: (a row, the service and what it calls the row, who may, how a refusal names the row, and the deed)
    "event.void": (lambda s: s.event(s.dose()), events.void_event, "event", "investigator", "AE 1", "an event"),
    "expected.void": (listed, expected.void_list, "row", "medical_monitor", "List IB 7", "a list back"),
    "response.void": (
        lambda s: s.assess(s.dose(), serum_m="3"), response.void_assessment, "assessment", "coordinator", "DA 1",
        "an assessment",
    ),
    "sample.void": (sample, biomarker.void_sample, "sample", "coordinator", "The sample", "a sample"),
    "consent.void": (
        lambda s: s.ready(s.slot()).consents.get(), voiding.void_consent, "consent", "coordinator", "The consent",
        "a consent back",
    ),
    "firstdose.void": (
        lambda s: s.dose().treatment, first_doses.void_first_dose, "treatment", "coordinator", "The first dose",
        "a first dose back",
    ),
    "consentform.void": (
        consent_version, consent.void_version, "consent_version", "medical_monitor", "Version 9", "back a version",
    ),
    "withdrawal.void": (
        taken_back, withdrawals.void_withdrawal, "withdrawal", "coordinator", "The withdrawal", "back a withdrawal",
    ),
    "screening.void": (
        screened, screening.void_screening, "screening", "coordinator", "Screening S-1", "a screening",
    ),
    "cutoff.void": (cut_off, biomarker.void_cut_off, "cut_off", "medical_monitor", "The cut-off", "a cut-off back"),
    "control.void": (control, biomarker.void_control, "control", "medical_monitor", "Control C 1", "a control"),
}  # fmt: skip


@pytest.fixture(params=VOIDS)
def opened(request, study):
    """A row as a person has it on his page: .row, .name, .deed, and .void(…) as that page sends it."""
    make, service, argument, who, study.name, study.deed = VOIDS[request.param]
    study.row = make(study)
    study.row.refresh_from_db()
    seen, key = study.row.rev, uuid.uuid4()

    def void(**changed):
        said = {argument: study.row.pk, "rev": seen, "reason": REASON, "by": getattr(study, who), "key": key}
        with study.at():
            return service(trial=study.trial.pk, **(said | changed))

    study.void = void
    return study


def touch(study):
    """Somebody else writes the row."""
    with study.at(), ledger.action(study.trial.pk, by=study.medical_monitor, may=May.DEFINE_ASSAY, verb="test.touch"):
        study.row.save()


def voided(study):
    return type(study.row).objects.get(pk=study.row.pk).voided


def test_a_page_opened_before_another_wrote_the_row_does_not_void_it(opened):
    touch(opened)
    before = ledger.number_of(opened.trial.pk)

    with pytest.raises(Stale, match=rf"^{opened.name} was changed by .+ since you opened the form\. What you typed is"):
        opened.void()

    assert not voided(opened)
    assert ledger.number_of(opened.trial.pk) == before
    opened.void(rev=before)  # compared, and sent again with the number of what it shows now
    assert voided(opened)


def test_a_second_void_is_refused_by_name_and_writes_nothing(opened):
    opened.void()
    before = ledger.number_of(opened.trial.pk)

    with pytest.raises(Refused, match=rf"^{opened.name} is voided\. .+ did so since you opened the form\.$"):
        opened.void(key=uuid.uuid4(), reason="Mine.")
    with pytest.raises(Refused, match=rf"^{opened.name} is voided\.$"):
        opened.void(key=uuid.uuid4(), rev=None)

    assert ledger.number_of(opened.trial.pk) == before


def test_the_same_form_sent_twice_is_one_void_and_answers_as_before(opened):
    first = opened.void()
    before = ledger.number_of(opened.trial.pk)

    assert opened.void() == first
    assert ledger.number_of(opened.trial.pk) == before
    with pytest.raises(KeyReused):
        opened.void(reason="Another reason.")


def test_a_void_needs_a_reason(opened):
    with pytest.raises(Refused, match=rf"^Reason: (voiding|taking) {opened.deed} needs one\.$") as refusal:
        opened.void(reason=" ")

    assert refusal.value.field == "reason"
    assert not voided(opened)


def test_a_program_that_looked_at_nothing_voids_what_stands(opened):
    touch(opened)

    opened.void(rev=None)

    assert voided(opened)


def test_a_voided_row_is_not_corrected(study):
    event = study.event(study.dose())
    correct = {"trial": study.trial.pk, "event": event.pk, "reason": "x", "by": study.investigator}
    report = events.EventReport(term=event.term, grade=3, onset_on=event.onset_on, relations={}, qualifiers={})
    seen = AdverseEvent.objects.get().rev
    with study.at():
        events.void_event(trial=study.trial.pk, event=event.pk, rev=seen, reason=REASON, by=study.investigator)

        with pytest.raises(Refused, match=r"^AE 1 is voided\. Investigator did so since you opened the form\.$"):
            events.correct_event(**correct, report=report, rev=seen)


def writers():
    """verb: the names that the function calls which writes under it."""
    found = {}
    for app in ("trial", "patients", "assessments", "escalation"):
        for path in (ROOT / app).rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text())):
                if not isinstance(function, ast.FunctionDef):
                    continue
                calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                said = [part.value for call in calls for part in call.keywords if part.arg == "verb"]
                for verb in (value.value for value in said if isinstance(value, ast.Constant)):
                    found[verb] = {ast.unparse(call.func) for call in calls}
    return found


def test_every_verb_that_corrects_or_voids_asks_the_same_of_its_row():
    by = {"correct": "corrections.check", "void": "corrections.void"}
    verbs = [verb for verb in VERBS if verb.partition(".")[2] in by and verb not in SIGNED]
    verbs = [verb for verb in verbs if verb not in CORRECTS.values()]  # called so by what is asked
    calls = writers()

    assert [verb for verb in verbs if by[verb.partition(".")[2]] not in calls[verb]] == []
    assert {verb for verb in verbs if verb.endswith(".void")} == set(VOIDS)
