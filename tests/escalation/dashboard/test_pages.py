"""The pages of the decision: what they say of each state, and that nothing is signed on what was not read."""

import re
import uuid

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation import tasks, words
from escalation.decisions import services as decisions
from escalation.models import Decision, Hold
from escalation.signing import proof
from escalation.situation import queries
from escalation.situation import situation as standing
from patients.models import Slot
from tests import factories, rest
from tests.factories import PASSWORD
from trial import services
from trial.models import AuditEvent, Signature
from trial.people import access
from trial.people import services as people
from trial.record import ledger
from trial.roles import Role

pytestmark = pytest.mark.django_db


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def url(study, name, *args):
    return reverse(f"escalation:{name}", args=[study.trial.code, *args])


def get(study, by, name="trial", *args, **query):
    with study.at():
        return browser(by).get(url(study, name, *args), query)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def sign(study, by, choice, *, basis=None, reason="", password=PASSWORD, **more):
    answers = {
        "key": uuid.uuid4(),
        "basis": basis or study.situation().basis,
        "choice": choice,
        "reason": reason,
        "password": password,
        **more,
    }
    with study.at():
        return browser(by).post(url(study, "decide"), answers)


def countersign(study, by, number, password=PASSWORD):
    answers = {"key": uuid.uuid4(), "basis": study.situation().basis, "password": password}
    with study.at():
        return browser(by).post(url(study, "sign", number), answers)


# The Trial page


def test_the_page_of_an_unwritten_trial_says_what_to_do_first():
    administrator, monitor = factories.person("administrator", Role.ADMINISTRATOR), factories.person("monitor")
    trial = services.create_trial(code=f"t-{uuid.uuid4().hex[:8]}", title="New", simulated=True, by=administrator)
    people.add_member(trial=trial.pk, user=monitor.pk, role=Role.MEDICAL_MONITOR, site=None, by=administrator)

    page = browser(monitor).get(reverse("escalation:trial", args=[trial.code]))

    assert page.status_code == 200
    assert "The protocol is not written yet" in text(page)
    assert reverse("escalation:amend", args=[trial.code]) in page.content.decode()
    for name in ("meetings", "what_if", "late", "outside"):
        early = browser(monitor).get(reverse(f"escalation:{name}", args=[trial.code]))
        assert early.status_code == 404 and "The protocol comes first" in text(early), name
        assert reverse("escalation:protocol", args=[trial.code]) in early.content.decode()


def test_before_decision_0_the_page_asks_for_it():
    study = factories.study()

    page = get(study, study.dsmb)

    assert "Not open yet: decision 0 opens the trial at level 1" in text(page)
    assert "Decision 0 is due: it opens level 1." in text(page)
    assert url(study, "decide") in page.content.decode()


def test_the_state_is_one_sentence_with_counts_and_dates():
    study = factories.study().open()
    done = [study.dose(), study.dose()]
    study.complete(*done)
    study.dose()

    page = get(study, study.dsmb)

    assert re.search(r"Level 1 open: 2 of 3 evaluable, 0 DLT, 1 pending until \d+ \w+ 2026", text(page))
    assert re.search(r"If 003 has no DLT.*Escalate to level 2", text(page))


def test_the_latest_actions_name_the_decision_of_every_signature_and_of_a_withdrawal():
    study = factories.study().open()
    study.cohort()
    study.sign()
    with study.at():
        row = decisions.decide(
            trial=study.trial.pk,
            outcome="hold",
            position=None,
            basis=study.situation().basis,
            reason="A question to the sites.",
            proof="simulated",
            by=study.dsmb,
        )
        decisions.withdraw(trial=study.trial.pk, decision=row.pk, reason="Answered.", by=study.dsmb)

    latest = text(get(study, study.auditor)).partition("Latest")[2]

    assert latest.count("Decision 1 signed") == 2
    assert latest.count("Decision 2 signed") == 1
    assert latest.count("Decision 2 withdrawn") == 1


def test_every_number_of_the_tally_opens_its_patients():
    study = factories.study().open()
    study.cohort(dlts=1)

    page = get(study, study.dsmb).content.decode()

    assert "?level=1&amp;count=evaluable" in page
    assert "?level=1&amp;count=dlt" in page


def test_what_blocks_a_decision_is_listed_with_its_owner():
    study = factories.study().open()
    first, second = study.dose(), study.dose()
    study.event(first)
    study.later(40)

    page = text(get(study, study.dsmb))

    assert "Patient 001: adjudicate platelet count decreased, grade 4 investigator, site 01, and second reader" in page
    assert f"Patient {second.code}: confirm no DLT, evaluable now investigator, site 01" in page
    assert "Level 1 held" in page


def test_a_coordinator_of_another_site_does_not_learn_a_patients_number():
    study = factories.study().open()
    study.dose()

    page = text(get(study, study.other_coordinator))

    assert "001" not in page
    assert "1 pending" in page
    assert "A patient was dosed" in text(get(study, study.other_coordinator, "escalation"))


def test_a_stranger_gets_404_and_an_administrator_no_clinical_data():
    study = factories.study()

    assert get(study, factories.person("stranger")).status_code == 404
    assert get(study, study.administrator).status_code == 403


def test_levels_are_named_by_their_labels_and_not_by_their_positions():
    study = factories.study(levels=3, start=2)
    here = study.situation()

    assert standing.with_labels("escalate to level 2", ["-1", "1", "2"]) == "escalate to level 1"
    assert "level 2" in here.because


def test_a_level_with_nobody_evaluable_has_no_rate():
    said = standing.with_labels("0/0 DLT and 3 pending at level 2: wait", ["-1", "1"])
    assert said == "None evaluable yet, 3 pending at level 1: wait"
    assert standing.with_labels("0/3 DLT at level 1: escalate to level 2", ["a", "b"]).startswith("0/3 DLT at level a")
    assert words.rate(0, 0, 1) == "none evaluable yet, 1 pending"


def test_the_next_change_is_that_of_the_open_level():
    """Level 2 failed on two of three; the third is still in the window there, while level 1 is filled."""
    study = factories.study().open()
    study.cohort()
    study.sign()
    who = [study.dose() for _ in range(3)]
    study.later(3)
    for patient in who[:2]:
        study.dlt(patient)
    assert "Next change no later than" not in text(get(study, study.dsmb))
    study.sign()

    page = text(get(study, study.dsmb))
    assert "3 slots free at level 1." in page and "when patient 006" not in page
    assert "1 patient is still in the window" in page


def test_a_window_that_is_over_says_since_when():
    study = factories.study().open()
    for _ in range(3):
        study.dose()

    study.later(40)
    why = "No slot is free at level 1. Patient 001 waits for answers: window complete since 2 Feb 2026."
    assert queries.why_closed(study.situation()) == why


def test_the_first_decision_is_called_the_opening_everywhere():
    study = factories.study().open()
    trail = browser(study.auditor).get(reverse("trial:audit", args=[study.trial.code])).content.decode()
    listed = rest.ask(study.dsmb, "decisions/", study).json()

    assert "Opens the level" in trail and "Stay or fill" not in trail
    assert [row["decided"] for row in listed.get("results", listed)] == ["Open the trial at level 1"]


@pytest.mark.parametrize("name", ["trial", "escalation"])
def test_the_number_of_queries_does_not_grow_with_the_patients(name):
    few, many = factories.study().open(), factories.study().open()
    few.cohort(dlts=1)
    many.cohort(dlts=1)
    for dlts in (0, 1, 0):
        many.sign()
        many.cohort(dlts=dlts)
    few.sign()  # both have a decision besides decision 0
    assert (len(few.situation().facts), len(many.situation().facts)) == (3, 12)

    counts = []
    for study in (few, many):
        with study.at(), CaptureQueriesContext(connection) as asked:
            client = browser(study.dsmb)
            before = len(asked)
            assert client.get(url(study, name)).status_code == 200
        counts.append(len(asked) - before)

    assert counts[0] == counts[1]


# The pulse


def test_the_pulse_is_silent_until_something_changes():
    study = factories.study().open()
    with study.at():
        seen = queries.token(access.scope(study.dsmb, study.trial.code))

    assert get(study, study.dsmb, "pulse", seen=seen).status_code == 204

    study.enrol()
    answer = get(study, study.dsmb, "pulse", seen=seen)

    assert (answer.status_code, answer.headers["HX-Trigger"], answer.content) == (200, "changed", b"")


def test_a_new_day_is_a_change():
    study = factories.study().open()
    with study.at():
        seen = queries.token(access.scope(study.dsmb, study.trial.code))

    assert get(study.later(1), study.dsmb, "pulse", seen=seen).status_code == 200


def test_the_pulse_tells_the_signed_out_and_leaves_the_session_alone():
    study = factories.study()

    assert Client().get(url(study, "pulse")).status_code == 401
    with study.at():
        answer = browser(study.dsmb).get(url(study, "pulse"))
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


# Deciding


def test_two_signatures_open_the_trial():
    study = factories.study()

    first = sign(study, study.dsmb, "stay:1")
    assert first.status_code == 302
    assert study.situation().cohort is None
    assert "Waits for 1 more signature" in text(get(study, study.dsmb2, "decision", 0))

    assert countersign(study, study.medical_monitor, 0).status_code == 302
    page = text(get(study, study.auditor, "decision", 0))

    assert study.situation().cohort is not None
    assert "In force since 5 Jan 2026" in page
    assert page.count("password entered again") == 2


def test_a_simulated_proof_is_printed_as_simulated():
    study = factories.study().open()

    assert "simulated" in text(get(study, study.auditor, "decision", 0))


def test_a_wrong_password_signs_nothing():
    study = factories.study()
    before = AuditEvent.objects.count()

    answer = sign(study, study.dsmb, "stay:1", password="not this one")

    assert answer.status_code == 422
    assert "This is not your password" in text(answer)
    assert not Decision.objects.filter(trial=study.trial).exists()
    assert AuditEvent.objects.count() == before


def test_a_wrong_password_does_not_countersign():
    study = factories.study()
    sign(study, study.dsmb, "stay:1")

    assert countersign(study, study.dsmb2, 0, password="not this one").status_code == 422
    assert Signature.objects.filter(trial=study.trial).count() == 1


def test_a_stale_basis_is_refused_says_what_came_in_and_can_be_signed_again():
    study = factories.study().open()
    study.cohort()
    basis = study.situation().basis
    patient = study.situation().facts[0].patient
    study.event(patient, suspected=True, onset_on=patient.treatment.first_dose_on)

    answer = sign(study, study.dsmb, "escalate:2", basis=basis)

    assert answer.status_code == 409
    assert "The facts changed after you opened this page" in text(answer)
    assert "Adverse event reported" in text(answer)
    fresh = answer.context["form"]["basis"].value()
    assert fresh == study.situation().basis != basis
    assert not Decision.objects.filter(trial=study.trial, number=1).exists()
    assert sign(study, study.dsmb, "stop:", basis=fresh, reason="Too toxic.").status_code == 302


def test_a_bolder_decision_is_not_offered_and_refused():
    study = factories.study().open()
    study.cohort(dlts=1)

    assert "escalate:2" not in get(study, study.dsmb, "decide").content.decode()
    answer = sign(study, study.dsmb, "escalate:2", reason="We want to go on.")

    assert answer.status_code == 409
    assert "bolder than the recommendation" in text(answer)
    assert "We want to go on." in text(answer)
    assert not Decision.objects.filter(trial=study.trial, number=1).exists()


def test_a_more_cautious_decision_needs_a_reason():
    study = factories.study().open()
    study.cohort()

    assert "more cautious: needs a reason" in text(get(study, study.dsmb, "decide"))
    assert sign(study, study.dsmb, "stay:1").status_code == 409
    assert sign(study, study.dsmb, "stay:1", reason="Three more first.").status_code == 302
    assert "more cautious" in text(get(study, study.dsmb, "escalation"))


def test_what_is_no_decision_at_all_is_a_wrong_form():
    study = factories.study()

    assert sign(study, study.dsmb, "fly:1").status_code == 422


def test_only_signers_reach_the_decide_page():
    study = factories.study()

    assert get(study, study.coordinator, "decide").status_code == 403
    assert sign(study, study.investigator, "stay:1").status_code == 403


def test_a_proposed_decision_can_be_withdrawn_with_a_reason():
    study = factories.study()
    sign(study, study.dsmb, "stay:1")

    with study.at():
        answers = {"key": uuid.uuid4(), "reason": "Site not ready."}
        answer = browser(study.dsmb2).post(url(study, "withdraw", 0), answers)

    assert answer.status_code == 302
    page = text(get(study, study.dsmb, "decision", 0))
    assert "Withdrawn on 5 Jan 2026: Site not ready." in page


def test_facts_that_change_while_a_decision_waits_are_shown_and_stop_the_second_signature():
    study = factories.study().open()
    study.cohort()
    sign(study, study.dsmb, "escalate:2")
    patient = study.situation().facts[0].patient
    study.event(patient, onset_on=patient.treatment.first_dose_on)

    page = get(study, study.medical_monitor, "decision", 1)

    assert "The facts changed while this decision waited" in text(page)
    assert countersign(study, study.medical_monitor, 1).status_code == 409


def test_a_late_dlt_shows_on_the_decision_that_it_changes():
    study = factories.study().open()
    who = study.cohort()
    study.sign()
    event = study.event(who[0], onset_on=who[0].treatment.first_dose_on)
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)

    page = text(get(study, study.dsmb, "decision", 1))

    assert "The basis of this decision has changed" in page
    assert "Patient 001 was no DLT at level 1, is now DLT at level 1." in page
    assert "basis changed" in text(get(study, study.dsmb))


def test_another_trials_decision_is_404():
    study, other = factories.study().open(), factories.study()

    assert get(other, other.dsmb, "decision", 0).status_code == 404
    assert get(study, other.dsmb, "decision", 0).status_code == 404


# Holding, the end, the new day


def test_the_principal_investigator_holds_in_one_step():
    study = factories.study().open()

    assert "Hold enrolment" in text(get(study, study.investigator, "escalation"))
    assert url(study, "hold") not in get(study, study.dsmb, "escalation").content.decode()
    with study.at():
        answer = browser(study.investigator).post(url(study, "hold"), {"key": uuid.uuid4(), "reason": "Drug recall."})

    assert answer.status_code == 302
    assert Hold.objects.get(trial=study.trial).reason == "Drug recall."
    assert "Level 1 held" in text(get(study, study.coordinator))


def test_the_trial_page_names_the_mtd_and_then_the_rp2d():
    study = factories.study(levels=2).open()
    study.cohort()
    study.sign()  # escalate to 2
    study.cohort(dlts=2)
    study.sign()  # back to 1: three more
    study.cohort()
    study.sign()  # the MTD

    assert "MTD: level 1 (0/6 DLT)" in text(get(study, study.coordinator))
    assert "Decide the recommended phase 2 dose" in text(get(study, study.dsmb, "decide"))

    number = Decision.objects.filter(trial=study.trial).count()
    assert sign(study, study.dsmb, "rp2d:1").status_code == 422
    page = sign(study, study.dsmb, "rp2d:1", reason="Safe and active.")
    assert page.status_code == 422 and "How later toxicity counted: an answer is needed" in text(page)
    said = {"reason": "Safe and active.", "later_toxicity": "One reduction in cycle 3."}
    assert sign(study, study.dsmb, "rp2d:1", **said).status_code == 302
    countersign(study, study.medical_monitor, number)

    assert "RP2D: level 1" in text(get(study, study.coordinator))
    assert "One reduction in cycle 3." in text(get(study, study.coordinator, "decision", number))
    assert "There is nothing to decide now" in text(get(study, study.dsmb, "decide"))


def test_a_new_day_expires_a_slot_that_nobody_used_and_writes_nothing_twice():
    study = factories.study().open()
    slot = study.slot()
    study.later(20)

    with study.at():
        tasks.settle_the_day()
    number = ledger.number_of(study.trial.pk)
    with study.at():
        tasks.settle_the_day()

    slot.refresh_from_db()
    assert slot.state == Slot.State.EXPIRED
    assert ledger.number_of(study.trial.pk) == number
    last = AuditEvent.objects.filter(ledger__trial=study.trial).order_by("number").last()
    assert (last.verb, last.acting_as, last.number) == ("day.settle", "system", number)


def test_the_stored_meaning_is_on_the_page_that_asks_for_the_signature():
    study = factories.study()

    assert proof.MEANING in text(get(study, study.dsmb, "decide"))


def test_what_a_de_escalation_closed_itself_is_no_change_since_it():
    study = factories.study(levels=3).open()
    study.cohort(3)
    study.sign()
    study.cohort(2, dlts=2)
    study.sign()

    page = text(get(study, study.dsmb, "escalation"))

    assert study.situation().in_force[-1].outcome == "de_escalate"
    assert "No patient counts differently from when decision 2 was signed." in page
