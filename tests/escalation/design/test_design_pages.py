"""The design properties as a statistician reads them: on the page and by REST.

The figures of five levels are those of docs/domain.md, section 3; the rest is worked by hand beside the test.
"""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories, rest
from trial import services
from trial.people import services as people
from trial.roles import Role

pytestmark = pytest.mark.django_db

RATES = ("0.05", "0.10", "0.20", "0.30", "0.50")
KNOWN = {  # P(no level), P(level 1) … P(level 5), patients, DLTs
    "3+3, variant D6": (".027182", ".097131", ".277490", ".330501", ".233905", ".033790", "17.0817", "3.1797"),
    "3+3, variant D3": (".027182", ".097126", ".277277", ".327825", ".217491", ".053099", "16.9189", "3.1084"),
    "3+3, variant N": (".026558", ".091360", ".257032", ".316111", ".255840", ".053099", "14.6750", "2.7136"),
}


@pytest.fixture
def study():
    return factories.study(levels=5)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(rates=RATES, **more) -> dict[str, str]:
    asked = {f"rate_{k}": rate for k, rate in enumerate(rates, 1)}
    return asked | {"target": "0.33", "begin": "start", "variant": "D6"} | more


def get(study, user=None, **asked):
    with study.at():
        return as_(user or study.statistician).get(reverse("escalation:design", args=[study.trial.code]), asked)


def ask(study, **asked):
    return rest.ask(study.statistician, f"design?{urlencode(asked)}", study)


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def table(response, key) -> dict[str, dict[str, str]]:
    """A table of the page: by row, by design."""
    body = re.search(rf'<section class="card" aria-labelledby="{key}-head">.*?</section>', text(response)).group()
    rows = {}
    for row in re.findall(r"<tr[^>]*> <th scope=\"row\">(.*?)</th>(.*?)</tr>", body):
        name = re.sub(r" ?<.*", "", row[0])
        rows[name] = dict(re.findall(r'<td data-label="([^"]+)">([^<]+)', row[1]))
    return rows


def test_the_page_shows_the_known_figures_of_five_levels(study):
    answer = get(study, **form())
    chances, patients, dlts = (table(answer, key) for key in ("recommended", "patients", "dlts"))

    for design, (none, *levels, in_all, with_dlt) in KNOWN.items():
        assert chances["No level is tolerated"][design] == f"0{none}"
        assert [chances[f"Level {k}"][design] for k in range(1, 6)] == [f"0{p}" for p in levels]
        assert patients["All levels"][design] == in_all
        assert dlts["All levels"][design] == with_dlt


def test_the_endpoint_gives_the_same(study):
    said = ask(study, rates=",".join(RATES)).json()

    for key in ("D6", "D3", "N"):
        found = next(d for d in said["designs"] if d["key"] == key)
        none, *levels, in_all, with_dlt = map(float, KNOWN[f"3+3, variant {key}"])
        assert found["properties"]["p_none"] == pytest.approx(none, abs=5e-7)
        assert found["properties"]["p_recommended"] == pytest.approx(levels, abs=5e-7)
        assert sum(found["properties"]["expected_patients"]) == pytest.approx(in_all, abs=5e-5)
        assert sum(found["properties"]["expected_dlts"]) == pytest.approx(with_dlt, abs=5e-5)
        assert found["protocols"] is (key == "D6")


def test_a_start_above_the_lowest_level_is_taken_from_the_protocol():
    answer = get(factories.study(levels=5, variant="D3", start=2), **form())
    chances = table(answer, "recommended")

    assert chances["No level is tolerated"]["3+3, variant D3"] == "0.003291"
    shown = [chances[f"Level {k}"]["3+3, variant D3"] for k in range(1, 6)]
    assert shown == ["0.097126", "0.284842", "0.336768", "0.223425", "0.054548"]
    assert "at level 2, with nobody treated" in text(answer)


def test_the_overdose_share_is_of_patients_above_the_target():
    study = factories.study(levels=1)

    # one level: everybody is treated at it
    assert table(get(study, **form(["0.3"], target="0.3")), "patients")["Overdose share"]["3+3, variant D6"] == "0.0000"
    assert (
        table(get(study, **form(["0.3"], target="0.29")), "patients")["Overdose share"]["3+3, variant D6"] == "1.0000"
    )


def test_rolling_six_stands_beside_them():
    chances = table(get(factories.study(levels=1), **form(["0.2"])), "recommended")

    # six at once, tolerated with at most one DLT: 0.8 ** 6 + 6 * 0.2 * 0.8 ** 5
    assert chances["Level 1"]["rolling six"] == "0.655360"
    assert chances["No level is tolerated"]["rolling six"] == "0.344640"


def test_a_design_of_ones_own_is_a_column_of_its_own():
    study = factories.study(levels=1)
    other = {"a": "2", "b": "1", "c": "1", "d": "1", "e": "1", "variant": "N"}
    answer = get(study, **form(["0.5"], **other))

    # passes 0 of 2, or 1 of 2 and then none of 1: 1/4 + 1/2 * 1/2
    assert table(answer, "recommended")["Level 1"]["2+1, variant N"] == "0.500000"
    said = ask(study, rates="0.5", design="other", **other).json()
    assert said["designs"][-1]["key"] == "other"
    assert said["curve"]["design"] == "other"


def test_a_protocol_of_its_own_kind_comes_first_and_is_named():
    answer = get(factories.study(levels=1, variant="N", a=2, b=1), **form(["0.5"]))

    assert table(answer, "recommended")["Level 1"]["2+1, variant N"] == "0.500000"
    assert re.search(
        r"2\+1, variant N<br><span class=\"meta\">C = 1, D = 1, E = 1</span><br>.{0,40}this protocol", text(answer)
    )


def test_from_the_present_state_the_pending_turn_out_by_the_assumed_rates():
    study = factories.study(levels=1, variant="N").open()
    study.complete(study.dose())
    study.dose()
    answer = get(study, **form(["0.2"], begin="present"))

    # one clean, one pending, one more comes: passes with q**2 + 2pq * q**3 = 0.64 + 0.32 * 0.512
    assert table(answer, "recommended")["Level 1"]["3+3, variant N"] == "0.803840"
    # the place still free, and three more after one DLT of two: 1 + 3 * 0.32
    assert table(answer, "patients")["All levels"]["3+3, variant N"] == "1.9600"
    assert "those still to come" in text(answer)


def test_there_is_no_present_state_before_anybody_is_treated(study):
    answer = get(study, **form(begin="present"))

    assert answer.status_code == 422
    assert "Reckoned from: one of start." in text(answer)


def test_an_ended_trial_has_nobody_to_come():
    study = factories.study(levels=1).open()
    for _ in range(2):
        study.dlt(study.dose())
    study.sign()
    answer = get(study, **form(["0.2"], begin="present"))

    assert table(answer, "recommended")["No level is tolerated"]["3+3, variant D6"] == "1.000000"
    assert table(answer, "patients")["Overdose share"]["3+3, variant D6"] == "nobody is to come"


def test_what_cannot_be_is_refused_by_name_and_kept(study):
    answer = get(study, **form(rate_2="5", target="33"))

    assert answer.status_code == 422
    assert "Rate of level 2: must be from 0 to 1; write 0.05 or 5 %." in text(answer)
    assert 'name="rate_2" value="5"' in text(answer)
    assert 'name="target" value="33"' in text(answer)
    assert "Probability of being recommended" not in text(answer)


def test_the_endpoint_refuses_by_the_parameters_name(study):
    for asked, name, words in (
        ({"rates": "0.1,0.2"}, "rates", "needs one per level, got 2 for 5"),
        ({}, "rates", "needs one per level, got 0 for 5"),
        ({"rates": "0.1,0.2,0.3,0.4,1.5"}, "rates", "Rate of level 5: must be from 0 to 1"),
        ({"rates": ",".join(RATES), "target": "x"}, "target", "Target rate"),
        ({"rates": ",".join(RATES), "a": "3"}, "b", "needs all five"),
    ):
        answer = ask(study, **asked)
        assert answer.status_code == 400
        assert words in " ".join(answer.json()["errors"][name])


def test_falling_rates_are_allowed_and_said(study):
    answer = get(study, **form(("0.1", "0.3", "0.2", "0.3", "0.5")))

    assert answer.status_code == 200
    assert "The rate of level 3 is below that of level 2" in text(answer)
    assert ask(study, rates="0.1,0.3,0.2,0.3,0.5").json()["falls"] == 3


def test_it_opens_with_an_example_that_is_said_to_be_one(study):
    answer = text(get(study))

    assert "from no data of this or any trial" in answer
    assert "Nothing here is an estimate" in answer
    assert 'name="rate_5" value="0.50"' in answer
    assert "from no data" not in text(get(study, **form()))


def test_the_curve_runs_over_one_levels_rate():
    study = factories.study(levels=1, variant="N")
    answer = get(study, **form(["0.2"], level="1", design="N"))
    shown = re.findall(r"<tr[^>]*><th scope=\"row\">([\d.]+)</th>(.*?)</tr>", text(answer))
    passes = {rate: re.findall(r"[\d.]{8}", cells)[1] for rate, cells in shown}

    # q**3 + 3 p q**5 (docs/domain.md, section 3)
    known = {"0.10": 0.9061, "0.20": 0.7086, "0.30": 0.4943, "0.50": 0.1719}
    assert {rate: round(float(p), 4) for rate, p in passes.items() if rate in known} == known
    assert (passes["0.00"], passes["1.00"]) == ("1.000000", "0.000000")
    assert 'class="fig curves"' in text(answer)
    points = ask(study, rates="0.2", design="N").json()["curve"]["points"]
    assert [round(p["p_recommended"][0], 6) for p in points] == [float(p) for p in passes.values()]


def test_before_a_protocol_is_written_the_ladder_is_asked_for():
    administrator = factories.person("administrator", Role.ADMINISTRATOR)
    trial = services.create_trial(code="draft", title="Draft", by=administrator)
    user = factories.person("statistician")
    people.add_member(trial=trial.pk, user=user.pk, role=Role.STATISTICIAN, by=administrator)
    url = reverse("escalation:design", args=["draft"])

    asked = form(levels="5", first="2")
    chances = table(as_(user).get(url, asked), "recommended")
    assert chances["No level is tolerated"]["3+3, variant D3"] == "0.003291"
    assert "Level 5" in text(as_(user).get(url))
    wrong = as_(user).get(url, {"levels": "3", "first": "4"})
    assert wrong.status_code == 422
    assert "Start level: must be one of the levels." in text(wrong)
    assert rest.ask(user, f"/api/v1/trials/{trial.pk}/design?rates=0.1").status_code == 409


def test_a_design_of_too_many_states_says_so_and_the_others_answer():
    study = factories.study(levels=12)
    other = {"a": "6", "b": "6", "c": "3", "d": "3", "e": "4"}
    answer = get(study, **form([f"0.{k:02}" for k in range(1, 13)], design="other", **other))

    assert "6+6, variant D6: not computed, this design has more than" in text(answer)
    assert table(answer, "recommended")["Level 1"]["6+6, variant D6"] == "–"
    assert table(answer, "recommended")["Level 1"]["3+3, variant D6"] != "–"
    assert "too many states" in text(answer)


def test_every_member_reads_it(study):
    for user in (study.coordinator, study.investigator, study.dsmb, study.auditor, study.monitor):
        assert get(study, user).status_code == 200


def test_strangers_and_administrators_do_not(study):
    assert get(study, factories.person("stranger")).status_code == 404
    assert get(study, study.administrator).status_code == 403


def test_the_escalation_page_leads_there(study):
    with study.at():
        shown = text(as_(study.dsmb).get(reverse("escalation:escalation", args=[study.trial.code])))
    assert reverse("escalation:design", args=[study.trial.code]) in shown
