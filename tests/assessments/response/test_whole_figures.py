"""Waterfall, spider and swimmer of the whole trial: who is drawn where, what the tables say, and who may see them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from assessments.endpoints import settings_sets
from assessments.endpoints.analysis import summary
from assessments.endpoints.models import EndpointRun
from assessments.imwg.terms import Response
from assessments.response import whole
from assessments.response.follow_up import record_follow_up
from patients.dosing import services as patients
from patients.follow_up.services import Followed
from tests import factories
from tests.assessments.endpoints.test_efficacy import COHORTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """001: −50 %, then PD twice (laboratory values); 002: a rise of 10 % (dFLC); 003: without any assessment."""
    made = factories.study().open()
    one, two, three = (made.dose() for _ in range(3))
    made.assess(one, serum_m="3.0", urine_m="10")
    made.assess(two, serum_m="0", kappa="510", lambda_="10")
    made.later(28)
    made.assess(one, serum_m="1.5", urine_m="10")
    made.assess(two, kappa="560", lambda_="10")
    for value in ("1.5", "3.1", "3.4"):
        made.later(28).assess(one, serum_m=value, urine_m="10")
    made.people = one, two, three
    return made


def page(study, who="statistician"):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(f"/trials/{study.trial.code}/response/").text


def card(text, key):
    return text.split(f'id="{key}-head"')[1].split("</section>")[0]


def table(text, key):
    """The rows of the table under a figure, in words."""
    body = card(text, key).split("<tbody>")[1].split("</tbody>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in body.split("<tr>")[1:]]


def test_the_waterfall_has_the_best_change_before_progression(study):
    text = page(study)

    # dFLC 500 to 550 is a rise of 10 %; serum 3.0 to 1.5 a fall of 50 %, PR confirmed by the next
    assert table(text, "waterfall") == ["002 1 dFLC +10.0 % SD", "001 1 Serum M-protein −50.0 % PR"]
    assert re.findall(r"<title>Patient (\d+)", card(text, "waterfall")) == ["002", "001"]
    assert "2 of 3 treated patients" in card(text, "waterfall")
    assert f'Without a value: <a href="/trials/{study.trial.code}/response/patients/003/">003</a>' in text


def test_the_spider_ends_at_the_first_progression(study):
    rows = table(page(study), "spider")

    assert rows[0] == "001 1 Serum M-protein day 29: −50.0 %, day 57: −50.0 %, day 85: +3.3 % PD"
    assert rows[1] == "002 1 dFLC day 29: +10.0 % SD"


def test_the_swimmer_has_treatment_response_progression_and_what_ended_it(study):
    one, two, _ = study.people
    event = study.event(two, onset_on=study.today - timedelta(days=102))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    with study.at():
        patients.stop_treatment(
            trial=study.trial.pk, patient=one.pk, on=study.today, stop_reason="Progression", by=study.investigator
        )
        record_follow_up(
            trial=study.trial.pk,
            patient=one.pk,
            said=Followed(died_on=study.today, death_cause="progression"),
            by=study.coordinator,
        )
    text = page(study)
    rows = table(text, "swimmer")

    # 5 Jan + 112 days = 27 Apr; the first PD on 30 Mar (day 85) is confirmed by the second
    assert rows[0] == (
        "001 1 to 27 Apr 2026, 112 days PR 2 Feb 2026; responding until 30 Mar 2026 30 Mar 2026 none none 27 Apr 2026"
    )
    # who goes on is drawn to the last day on which he is known to be alive: an assessment, the first dose
    assert "002 1 ongoing 2 Feb 2026, 28 days SD 2 Feb 2026 none 15 Jan 2026 none no" in rows
    assert "003 1 ongoing 5 Jan 2026, 0 days none assessed none none none no" in rows
    for sign in ("DLT", "Death", "On treatment", "Responding, confirmed"):
        assert f"</svg>{sign}</li>" in card(text, "swimmer")


def test_a_suspected_dlt_has_a_mark_of_its_own_in_the_swimmer(study):
    study.event(study.people[1], onset_on=study.today - timedelta(days=102))
    swimmer = card(page(study), "swimmer")

    assert "</svg>DLT suspected</li>" in swimmer
    assert "</svg>DLT</li>" not in swimmer
    assert "DLT: suspected 15 Jan 2026" in swimmer


def test_no_two_signs_share_their_shape_and_new_therapy_not_even_the_colour():
    signs = {each.value: whole.signs.sign(each, 8, 8) for each in Response}
    others = {"DLT": whole._dlt(8, 8), "suspected": whole._suspected(8, 8), "therapy": whole._therapy(8, 8)}
    shapes = {
        name: re.sub(r'(class|fill|stroke|r)="[^"]*"', "", str(drawn)) for name, drawn in (signs | others).items()
    }

    assert len(set(shapes.values())) == len(shapes)
    assert "violet" in signs["MR"]
    assert "violet" not in others["therapy"]


def test_the_highest_level_comes_first_then_the_longest(study):
    for patient in study.people:
        study.complete(patient)
    study.sign()
    later = study.dose()
    study.later(5)

    assert [row[:3] for row in table(page(study), "swimmer")] == [later.code, "001", "002", "003"]


def test_every_mark_leads_to_its_patient_and_so_does_the_table(study):
    text = page(study)

    for key, numbers in (("waterfall", ("001", "002")), ("spider", ("001", "002")), ("swimmer", ("001", "002", "003"))):
        for number in numbers:
            address = f"/trials/{study.trial.code}/response/patients/{number}/"
            assert f'data-href="{address}"' in card(text, key)
            assert f'<a href="{address}">' in card(text, key)


def test_an_investigator_sees_his_sites_patients_and_the_monitor_none():
    study = factories.study().open()
    study.dose()
    far = study.dose(study.enrol(by=study.other_coordinator))
    mine, others = page(study, "investigator"), page(study, "other_investigator")

    assert "0 of 1 treated patient of site 01" in card(mine, "waterfall")
    assert "No patient has a value yet." in card(mine, "waterfall")
    assert far.code not in card(mine, "swimmer")
    assert "001" not in card(others, "swimmer")
    assert far.code in card(others, "swimmer")
    assert "swimmer-head" not in page(study, "monitor")
    assert 'data-label="Patient"' not in page(study, "monitor"), "the responses of all sites are for who reads efficacy"


def test_the_rate_in_the_caption_is_the_runs_and_names_its_cut(study):
    assert "ORR" not in card(page(study), "waterfall")
    settings = settings_sets.sets(study.situation().protocol.settings)["primary"]
    EndpointRun.objects.create(
        trial=study.trial,
        kind="efficacy",
        number=7,
        on=study.today - timedelta(days=1),
        protocol_version=1,
        settings_name="primary",
        settings=settings_sets.stored(settings),
        settings_hash="a",
        result=summary(COHORTS, ["1", "2"], settings.denominator),
    )

    said = re.sub(r"<[^>]+>", "", card(page(study), "waterfall"))
    assert re.search(r"ORR 2/6 · 33\.3 % \(4\.3–77\.7\), from the efficacy run of 26 Apr 2026, record no\. 7\.", said)
    assert "ORR" not in card(page(study, "investigator"), "waterfall")


def test_nobody_treated_has_no_figures():
    study = factories.study().open()

    assert "swimmer-head" not in page(study)
    assert "Nobody is treated yet" in page(study)
