"""The What-if page and the decision table, for their readers."""

import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from escalation.engine import terms as engine
from tests import factories
from trial import services
from trial.people import services as people
from trial.roles import Role

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def study():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    for _ in range(2):
        study.dose()
    return study


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(study, name, user=None, **asked):
    with study.at():
        return as_(user or study.statistician).get(reverse(f"escalation:{name}", args=[study.trial.code]), asked)


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_tree_shows_what_the_engine_says_in_figure_and_table(study):
    shown = text(get(study, "what_if"))

    svg = ElementTree.fromstring(re.search(r"<svg[^>]*class=\"fig tree\".*?</svg>", shown).group())
    drawn = [g.get("class").split()[2] for g in svg.iter(f"{SVG}g") if "node" in g.get("class").split()]
    listed = re.findall(r'<tr class="tree-(\w+) step-\d">', shown)
    assert [name.removeprefix("node-") for name in drawn] == listed
    assert {"go", "close"} <= set(listed)
    assert "2–3 of 3 at level 2 with a DLT" in shown
    assert "De-escalate to level 1" in shown
    assert "chosen" in shown
    assert "The path so far" in shown
    here = study.situation()
    assert here.advice.action is engine.Action.ENROL
    assert "Enrol at level 2" in shown


@pytest.mark.parametrize("role", ["coordinator", "investigator", "dsmb", "auditor", "monitor", "medical_monitor"])
def test_every_member_reads_both_pages(study, role):
    assert get(study, "what_if", getattr(study, role)).status_code == 200
    assert get(study, "table", getattr(study, role)).status_code == 200


def test_strangers_and_administrators_do_not(study):
    for name in ("what_if", "table"):
        assert get(study, name, factories.person("stranger")).status_code == 404
        assert get(study, name, study.administrator).status_code == 403


def test_there_is_no_tree_without_a_protocol():
    administrator = factories.person("administrator", Role.ADMINISTRATOR)
    trial = services.create_trial(code="bare", title="Bare", by=administrator)
    user = factories.person("statistician")
    people.add_member(trial=trial.pk, user=user.pk, role=Role.STATISTICIAN, by=administrator)

    assert as_(user).get(reverse("escalation:what_if", args=["bare"])).status_code == 404


def test_chances_stand_only_under_assumed_rates_and_name_them(study):
    plain, assumed = text(get(study, "what_if")), text(get(study, "what_if", rates="0.1, 20 % 0.3"))

    assert "Chance</th>" not in plain
    assert "Chance</th>" in assumed
    assert "level 1: 0.1, level 2: 0.2, level 3: 0.3" in assumed
    assert "51.2 %" in assumed  # 0.8 ** 3: nobody of the open cohort has a DLT


@pytest.mark.parametrize(
    "rates",
    ["0,05 0,2 0,3", "0,05; 0.2; 0.3", ".05, 0.2, 0.3", "0.05,0.2,0.3", "5% 20 % 30%", "5 %; 0.2; 30 %", "5%,20%,30%"],
)
def test_rates_are_parts_of_one_or_carry_their_percent_sign(study, rates):
    assert "level 1: 0.05, level 2: 0.2, level 3: 0.3" in text(get(study, "what_if", rates=rates))


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ("0.1 0.2", "one for each of the 3 levels"),
        ("0.1 0.2 x", "write numbers"),
        ("5 10 20", "from 0 to 1; write 0.05 or 5 %"),
        ("0.1 0.2 101 %", "from 0 to 1"),
        ("nan 1 2", "write"),
        ("1,250 20 30", "could be two numbers"),
        ("0,05,0,2", "one for each of the 3 levels"),
    ],
)
def test_wrong_rates_are_refused_and_kept(study, rates, words):
    response = get(study, "what_if", rates=rates)

    assert response.status_code == 422
    assert words in text(response)
    assert f'value="{rates}"' in text(response)


def test_a_trial_not_yet_open_and_one_that_has_ended_are_drawn():
    study = factories.study(levels=1)
    assert "nobody treated yet" in text(get(study, "what_if"))

    study.open()
    for _ in range(2):
        study.dlt(study.dose())
    study.sign()
    assert "Escalation has ended" in text(get(study, "what_if"))


def test_the_questions_to_the_database_do_not_grow_with_patients(django_assert_max_num_queries):
    study = factories.study().open()
    study.dose()
    get(study, "what_if")
    with django_assert_max_num_queries(100) as few:
        get(study, "what_if")
    study.dose()
    study.dose()
    with django_assert_max_num_queries(len(few)):
        get(study, "what_if")


def test_the_table_is_of_the_protocols_own_rule():
    shown = text(get(factories.study(variant="N", a=2, b=2), "table"))

    assert "2+2, variant N" in shown
    assert "Enrol here, up to 2" in shown
    assert "The level below is the MTD" in shown


def test_the_same_answer_in_neighbouring_places_is_one_cell():
    shown = text(get(factories.study(), "table"))

    passed = re.search(r'<td class="num" data-label="Evaluable">3</td>.*?</tr>', shown).group()  # 3, 0, 0 is the first
    assert 'data-label="DLT">0</td><td class="num" data-label="Pending">0</td>' in passed
    assert re.findall(r'colspan="(\d)" data-label="([^"]+)"><span[^>]*>([^<]+)', passed) == [
        ("2", "On the way up · Lowest level", "Go up one level"),
        ("2", "The level above is closed · Top level", "Enrol more here, up to 6"),
    ]
    assert 'colspan="4" data-label="Wherever the level is"' in shown


def test_a_row_of_the_tree_says_its_last_step_and_the_way_to_it_for_those_who_hear_it(study):
    shown = text(get(study, "what_if"))

    assert '<span class="sr-only">0 of 3 at level 2, then </span>then 0 of 3 at level 3</th>' in shown


def test_a_rule_too_large_for_paper_says_so():
    assert "too many states" in text(get(factories.study(a=8, b=8, e=2), "table"))


def test_the_escalation_page_leads_there(study):
    assert reverse("escalation:what_if", args=[study.trial.code]) in text(get(study, "escalation"))
