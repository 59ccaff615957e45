"""Pages of steps that are done: what was recorded, by whom and when, and where it is corrected, instead of a form."""

import re
import uuid

import pytest
from django.urls import reverse

from patients.models import Slot, Treatment
from patients.screening import services as screening
from tests import factories
from tests.patients.test_pages import browser, get, post, text
from trial.models import Account

pytestmark = pytest.mark.django_db


def page(answer):
    """The page's own part: its text, and whether it has a form to send."""
    whole = answer.content.decode()
    inside = whole[whole.index("<main") : whole.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside)), 'method="post"' in inside


@pytest.fixture
def study():
    """Patient 001 of 5 Jan 2026: doses taken, confirmed, cycle 2 begun, treatment stopped, left; now 2 Feb."""
    made = factories.study().open()
    patient = made.dose()
    made.complete(patient)
    steps = {
        "cycle2": {},
        "stop": {"stop_reason": "Progression", "related": "no"},
        "leave_study": {"why": "Moved away"},
    }
    for name, said in steps.items():
        seen = Treatment.objects.get(patient=patient).rev
        assert post(made, made.coordinator, name, 1, on="2 Feb 2026", rev=seen, **said).status_code == 302, name
    return made


DONE = {  # what the page says, who did it, the page that corrects it
    "first_dose": ("Recorded: first dose on 5 Jan 2026, level 1.", "Investigator", "first-dose/correct/"),
    "cycle2": ("Recorded: cycle 2 began on 2 Feb 2026.", "Coordinator", "cycle-2/correct/"),
    "stop": ("Recorded: stopped on 2 Feb 2026, Progression.", "Coordinator", "stop/correct/"),
    "evaluability": ("Confirmed: No DLT, evaluable.", "Investigator", "?correct=1"),
    "leave_study": ("Left on 2 Feb 2026: Moved away.", "Coordinator", "?correct=1"),
}


def test_the_page_of_a_step_that_is_done_says_so_and_does_not_open(study):
    for name, (what, who, correction) in DONE.items():
        by = study.investigator if name == "evaluability" else study.coordinator
        answer = get(study, by, name, 1)

        said, form = page(answer)
        assert what in said and not form, name
        assert re.search(rf"{who}, \d+ \w+ 2026 \d\d:\d\d UTC · no\. \d+", said), name
        assert f'{correction}">Correct it</a>' in answer.content.decode(), name


def test_a_step_is_opened_again_to_be_corrected(study):
    said, form = page(get(study, study.coordinator, "leave_study", 1, correct=1))

    assert form and "Save correction" in said


def test_what_is_sent_to_a_step_that_is_done_is_refused_with_its_sentence(study):
    answer = post(study, study.coordinator, "stop", 1, on="2 Feb 2026", stop_reason="Toxicity", related="no")

    said, form = page(answer)
    assert answer.status_code == 409 and not form
    assert "stopped on 2 Feb 2026 already" in said and "Recorded: stopped on 2 Feb 2026, Progression." in said


def test_a_slot_that_is_used_is_not_given_back_and_its_steps_lead_to_it(study):
    slot = Slot.objects.get(trial=study.trial)

    said, form = page(get(study, study.coordinator, "cancel_slot", slot.number))
    assert f"Slot {slot.number} is enrolled; it is not given back." in said and not form
    step = get(study, study.investigator, "eligibility", slot.number)
    assert step.status_code == 405
    assert f'href="{reverse("patients:slot", args=[study.trial.code, slot.number])}"' in step.content.decode()


def test_a_screening_that_ended_says_how_and_one_taken_back_by_whom(study):
    with study.at():
        row = screening.record_screening(trial=study.trial.pk, number="S-7", on=study.today, by=study.coordinator)
        screening.end_screening(trial=study.trial.pk, screening=row.pk, outcome="declined", by=study.coordinator)

    said, form = page(get(study, study.coordinator, "end_screening", row.pk))
    assert "Recorded: screening S-7 ended as declined." in said and not form

    row.refresh_from_db()
    gone = post(study, study.coordinator, "void_screening", row.pk, rev=row.rev, reason="Entered twice.")
    assert gone.status_code == 302
    answer = get(study, study.coordinator, "end_screening", row.pk)
    assert answer.status_code == 404
    assert "Screening: taken back." in text(answer) and "Entered twice." in text(answer)


def test_an_account_is_opened_without_leaving_the_trial(study):
    client, code = browser(study.administrator), study.trial.code
    url = reverse("trial:open_account_here", args=[code])

    assert url in client.get(reverse("trial:people", args=[code])).content.decode()
    said = {"key": uuid.uuid4(), "name": "New Person", "email": "new@example.org"}
    opened = client.post(url, said, follow=True)

    made = Account.objects.get(user__email="new@example.org")
    role = f"{reverse('trial:add_member', args=[code])}?person={made.user_id}"
    assert role in opened.content.decode() or opened.redirect_chain[-1][0] == role
    assert f'<option value="{made.user_id}" selected>' in client.get(role).content.decode()


def test_a_closed_account_is_not_closed_again(study):
    client = browser(study.administrator)
    url = reverse("trial:close_account", args=[study.statistician.pk])
    client.post(url, {"key": uuid.uuid4(), "reason": "Left the institute."})

    said, form = page(client.get(url))
    assert "The account of" in said and "is closed." in said and "Left the institute." in said and not form
