"""Every verb of the ledger does one of four things, and each that enters a fact names the verbs that correct it.

A new verb that stands in none of these lists fails here: say what it does, and how what it writes is put right.
"""

import re
from pathlib import Path

from trial.verbs import CORRECTS as CORRECTS_WHEN
from trial.verbs import VERBS

ROOT = Path(__file__).resolve().parent.parent.parent
ENTERS = {  # a fact, with the verbs by which it is corrected or taken back
    "account.open": {"account.correct", "account.close"},
    "assay.define": {"assay.correct"},
    "case.describe": {"case.correct_description"},
    "case.explain": {"case.correct_explanation"},
    "case.follow_up": {"case.correct_follow_up", "case.void_follow_up"},
    "case.receive": {"case.correct_receipt"},
    "case.report": {"case.correct_report"},
    "case.submit": {"case.correct_submission", "case.void_submission"},
    "closedlevel.answer": {"closedlevel.correct"},
    "consent.record": {"consent.correct", "consent.void"},
    "consent.withdraw": {"consent.correct"},
    "consentform.add": {"consentform.correct", "consentform.void"},
    "control.record": {"control.void"},
    "cutoff.add": {"cutoff.void"},
    "cycle.record": {"cycle.correct", "cycle.takeback"},
    "cycle.start": {"cyclestart.correct"},
    "cycle2.start": {"cycle2.correct"},
    "deviation.explain": {"deviation.correct"},
    "dosing.record": {"dosing.correct", "dosing.takeback"},
    "eligibility.confirm": {"eligibility.correct"},
    "evaluability.confirm": {"evaluability.correct"},
    "event.assess": {"event.reassess"},
    "event.follow": {"event.correct"},
    "event.report": {"event.correct", "event.void"},
    "expected.add": {"expected.correct", "expected.void"},
    "followup.record": {"followup.correct"},
    "member.add": {"member.end"},
    "opening.sign": {"opening.correct"},
    "paper.enter": {"enrolment.correct", "firstdose.correct", "firstdose.void", "treatment.correct"},
    "patient.enrol": {"enrolment.correct"},
    "response.answer": {"answer.correct"},
    "response.judge": {"response.rejudge"},
    "response.record": {"response.correct", "response.void"},
    "sample.record": {"sample.correct", "sample.void"},
    "screening.end": {"screening.correct"},
    "screening.record": {"screening.correct", "screening.void"},
    "site.add": {"site.correct"},
    "slot.request": {"slot.cancel"},
    "study.leave": {"study.correct"},
    "trial.create": {"trial.correct"},
    "treatment.start": {"heldwhy.correct", "firstdose.correct", "firstdose.void", "treatment.correct"},
    "treatment.stop": {"stop.correct"},
    "withdrawal.record": {"withdrawal.correct", "withdrawal.void"},
}
CORRECTS = {verb for verbs in ENTERS.values() for verb in verbs} - ENTERS.keys()
DECIDES = {  # a decision or a signature: it is withdrawn, answered by a later one, or stands as given
    "account.address",
    "account.confirm",
    "account.factor",
    "account.password",
    "account.reopen",
    "account.sessions",
    "account.take_address",
    "dates.check",
    "decision.sign",
    "decision.withdraw",
    "meeting.call",
    "meeting.close",
    "meeting.vote",
    "opening.withdraw",
    "outside.sign",
    "outside.withdraw",
    "protocol.write",
    "response.resolve",
    "rights.review",
    "slot.grant",
    "trial.hold",
    "verdict.give",
}
MACHINERY = {"day.settle", "meeting.freeze"}
LISTS = (ENTERS.keys(), CORRECTS, DECIDES, MACHINERY)


def test_every_verb_stands_in_exactly_one_list():
    found = {verb: sum(verb in one for one in LISTS) for verb in VERBS}

    assert {verb: times for verb, times in found.items() if times != 1} == {}


def test_what_the_lists_name_is_a_verb():
    assert set().union(*LISTS) <= VERBS.keys()


def test_every_verb_of_the_source_has_its_words():
    apps = ("trial", "patients", "assessments", "escalation")
    texts = (path.read_text() for app in apps for path in (ROOT / app).rglob("*.py"))
    written = {verb for text in texts for verb in re.findall(r'verb="([a-z0-9_.]+)"', text)}

    assert written | set(CORRECTS_WHEN.values()) == VERBS.keys()
    assert CORRECTS_WHEN.keys() <= written


def test_a_verb_that_enters_a_fact_names_what_corrects_it():
    assert [verb for verb, corrections in ENTERS.items() if not corrections] == []
