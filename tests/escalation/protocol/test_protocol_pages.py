"""The Protocol page and the form that writes a version, without JavaScript."""

import re
import uuid
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from escalation.protocol.draft import illustrative
from escalation.protocol.forms import settings_initial
from tests import factories
from trial import queries, services
from trial.models import ProtocolVersion, User
from trial.people import access
from trial.people import services as people
from trial.protocol_settings import ProtocolSettings
from trial.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def page(study, **asked):
    return reverse("escalation:protocol", args=[study.trial.code])


def form(study) -> str:
    return reverse("escalation:amend", args=[study.trial.code])


def fields(response) -> dict[str, str]:
    """What a browser would send back of the form in an answer."""
    shown = response.context["form"]
    sent = {"based_on": response.context["based_on"], "start": str(shown["start"].value())}
    for field in shown:
        value = field.value()
        if value is True:
            sent[field.html_name] = "on"
        elif value is not None and value is not False:
            sent[field.html_name] = str(value() if callable(value) else value)
    return sent


@pytest.fixture
def empty():
    """A trial without a protocol, and its medical monitor."""
    administrator = factories.person("administrator", Role.ADMINISTRATOR)
    trial = services.create_trial(code=f"e-{uuid.uuid4().hex[:6]}", title="Empty", by=administrator)
    monitor = factories.person("monitor")
    people.add_member(trial=trial.pk, user=monitor.pk, role=Role.MEDICAL_MONITOR, by=administrator)
    return trial, as_(monitor)


def test_the_page_shows_ladder_settings_criteria_and_eligibility(study):
    shown = text(as_(study.statistician).get(page(study)))

    for words in (
        "Protocol version 1",
        "30 mg",
        "D6: six patients before a level is the MTD",
        "28 days",
        "75 %",
        "Platelets grade 4",
        "18 years or older",
    ):
        assert words in shown


def test_only_the_medical_monitor_is_offered_the_form(study):
    assert form(study) in text(as_(study.medical_monitor).get(page(study)))
    for person in (study.statistician, study.investigator, study.dsmb):
        assert form(study) not in text(as_(person).get(page(study)))
        assert as_(person).get(form(study)).status_code == 403
    assert as_(factories.person("stranger")).get(form(study)).status_code == 404


def test_a_trial_without_protocol_says_who_writes_it(empty):
    trial, client = empty

    shown = text(client.get(reverse("escalation:protocol", args=[trial.code])))

    assert "This trial has no protocol yet" in shown
    assert "Write the protocol" in shown


def test_version_1_is_written_from_the_illustrative_ladder(empty):
    trial, client = empty
    url = reverse("escalation:amend", args=[trial.code])
    begun = fields(client.get(url))
    example = client.post(url, begun | {"do": "illustrative"})
    assert "illustrative" in text(example)

    response = client.post(url, fields(example) | {"do": "write"})

    assert response.status_code == 302, response.context["form"].errors
    written = queries.protocol(trial.pk)
    assert [level.label for level in written.levels] == ["-1", "1", "2", "3", "4"]
    assert written.level(written.settings.start).label == "1"
    assert [dose.amount for dose in written.levels[4].doses.all()] == [80, 15, 40]
    assert [dose.per_cycle for dose in written.levels[4].doses.all()] == [4, 56, 14]
    assert len(queries.criteria(written.version.pk)) == 4
    assert "Illustrative doses, of no real protocol." in text(
        client.get(reverse("escalation:protocol", args=[trial.code]))
    )


def test_buttons_add_and_take_out_rows_and_keep_what_was_typed(empty):
    trial, client = empty
    url = reverse("escalation:amend", args=[trial.code])
    sent = fields(client.get(url)) | {"drug_0": "selinexor", "level_0": "1", "level_0_0_amount": "forty", "a": "many"}

    shown = client.post(url, sent | {"do": "add_level:1"})

    back = fields(shown)
    assert shown.status_code == 200
    assert (back["drug_0"], back["level_0_0_amount"], back["a"]) == ("selinexor", "forty", "many")
    assert "level_1" in shown.context["form"].fields
    more = client.post(url, back | {"level_1": "2", "do": "add_drug"})
    assert "level_1_1_amount" in more.context["form"].fields
    less = client.post(url, fields(more) | {"do": "remove_level:0"})
    assert fields(less)["level_0"] == "2"


def test_a_level_is_put_between_two_others_and_the_start_stays(study):
    client = as_(study.medical_monitor)
    begun = fields(client.get(form(study)))

    between = fields(client.post(form(study), begun | {"do": "add_level:1"}))
    between |= {f"level_1_{d}_amount": "15" for d in range(3)} | {
        "level_1": "1b",
        "reason": "A step between.",
        "start": "0",
    }
    response = client.post(form(study), between | {"do": "write"})

    assert response.status_code == 302, response.context["form"].errors
    assert [level.label for level in queries.protocol(study.trial.pk).levels] == ["1", "1b", "2", "3"]


def test_an_amendment_needs_a_reason_and_keeps_what_was_typed(study):
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study))) | {"window_days": "42", "reason": "", "do": "write"}

    response = client.post(form(study), sent)

    assert response.status_code == 422
    assert 'value="42"' in text(response)
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_the_preview_shows_the_differences_and_writes_nothing(study):
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study)))
    sent |= {"window_days": "42", "variant": "D3", "level_2_0_amount": "35", "reason": "Longer window."}
    del sent["criterion_H1"]

    shown = text(client.post(form(study), sent | {"do": "preview"}))

    assert '<del class="diff-old">28 days</del> <ins class="diff-new">42 days</ins>' in shown
    assert "DLT criterion H1" in shown
    assert "selinexor 35 mg" in shown
    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 1


def test_versions_show_who_when_why_and_what_changed(study):
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study))) | {"window_days": "42", "level_2_0_amount": "35", "reason": "Longer window."}
    client.post(form(study), sent | {"do": "write"})

    now, before = text(client.get(page(study))), text(client.get(page(study), {"version": "1"}))

    assert "Longer window." in now
    assert "2 changes from version 1" in now
    assert "Medical_monitor" in now
    assert "35 mg" in now
    assert "Not in force any more" in before
    assert '<strong class="nowrap">35 mg' not in before  # the doses of its own time
    assert client.get(page(study), {"version": "7"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"d": "3"}, "D &lt; A"),
        ({"c": "9"}, "from 1 to D + 1"),
        ({"window_days": "0"}, "must be from 1 to 365"),
        ({"fraction": "101"}, "must be above 0 and at most 1"),
        ({"signatures": "9"}, "must be from 1 to 5"),
    ],
)
def test_a_refusal_names_the_setting_and_the_rule(study, wrong, said):
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study))) | {"reason": "Because.", "do": "write"} | wrong

    response = client.post(form(study), sent)

    assert response.status_code == 409
    assert said in text(response)
    assert next(iter(wrong)) in response.context["form"].errors


def test_doses_of_a_level_that_was_opened_stay(study):
    study.open()
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study))) | {"reason": "More.", "level_0_0_amount": "99", "do": "write"}

    response = client.post(form(study), sent)

    assert response.status_code == 409
    assert "patients were treated at it" in text(response) or "was opened" in text(response)
    assert 'value="99"' in text(response)


def test_two_amendments_of_the_same_version_do_not_overwrite_each_other(study):
    client = as_(study.medical_monitor)
    first = fields(client.get(form(study))) | {"reason": "First.", "window_days": "35", "do": "write"}
    second = fields(client.get(form(study))) | {"reason": "Second.", "window_days": "42", "do": "write"}
    client.post(form(study), first)

    response = client.post(form(study), second)

    assert response.status_code == 409
    assert "Protocol version 2 came in force since you opened this form" in text(response)


def test_the_same_form_sent_twice_writes_one_version(study):
    client = as_(study.medical_monitor)
    sent = fields(client.get(form(study))) | {"reason": "Longer.", "window_days": "42", "do": "write"}

    client.post(form(study), sent)
    client.post(form(study), sent)

    assert ProtocolVersion.objects.filter(trial=study.trial).count() == 2


def test_the_form_knows_every_setting():
    shown = settings_initial(ProtocolSettings())

    assert set(shown) | {"start", "criteria"} >= set(ProtocolSettings().as_json())


def test_the_illustrative_ladder_changes_one_drug_a_step():
    levels = illustrative().levels

    for low, high in pairwise(levels):
        changed = [a["amount"] != b["amount"] for a, b in zip(low.doses, high.doses, strict=True)]
        assert sum(changed) == 1


def test_a_member_of_another_trial_is_a_stranger_here(study):
    other = factories.study()

    assert as_(other.statistician).get(page(study)).status_code == 404
    assert access.scopes(other.statistician, [study.trial]) == {}
