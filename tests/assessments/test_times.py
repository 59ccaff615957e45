"""Times to an event (docs/domain.md, section 8). The timelines are worked by hand (tests/data/README.md)."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from assessments import times
from assessments.imwg.reading import SOURCES
from assessments.imwg.terms import Assessment, Response, ResponseSettings, Values
from tests.assessments.timeline_cases import TIMED
from trial.jsonl import reply

DATA = Path(__file__).resolve().parent.parent / "data"
PATIENTS = json.loads((DATA / "timelines.json").read_text())["patients"]
ENDPOINTS = ("TTP", "PFS", "TTR", "DOR", "OS")
ALTERNATIVES = {
    "response_threshold=PR": {"response_threshold": "PR"},
    "ne_breaks_confirmation=true": {"ne": "break"},
}


def said(line: dict, settings: dict | None = None) -> dict:
    found = times.answer(line | {"settings": settings})
    return {name: found[name] and (found[name]["event"], found[name]["days"]) for name in ENDPOINTS} | {
        "BOR": found["best_confirmed"]["response"]
    }


@pytest.mark.parametrize("pd_confirmation", [True, False])
@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient["id"])
def test_the_reference_timelines(patient, pd_confirmation):
    expected = {n: t and (t["event"], t["days"]) for n, t in patient["expected"].items()}

    assert said(patient, {"pd_confirmation": pd_confirmation}) == expected | {"BOR": patient["expected_bor"]["value"]}


@pytest.mark.parametrize(
    ("patient", "alternative"), [(p, a) for p in PATIENTS for a in p["alternatives"]], ids=lambda p: p.get("id", "")
)
def test_the_reference_timelines_by_other_settings(patient, alternative):
    expected = said(patient) | {
        n: alternative[n] and (alternative[n]["event"], alternative[n]["days"]) if n in ENDPOINTS else alternative[n]
        for n in alternative
        if n != "config"
    }

    assert said(patient, ALTERNATIVES[alternative["config"]]) == expected


START = date(2024, 1, 15)


def on(day: int | None) -> str | None:
    return None if day is None else (START + timedelta(day)).isoformat()


def assessments(visits: str) -> list[dict]:
    """ "28:PR 56:PDi" as the filter reads it."""
    sources = {"PDi": "imaging", "PDm": "marrow", "PDl": "laboratory", "PDd": "death"}
    return [
        {"date": on(int(day)), "response": said[:2] if said in (*sources, "NEn") else said}
        | {"pd_source": sources.get(said), "no_pd": said == "NEn"}
        for day, said in (one.split(":") for one in visits.split())
    ]


def timeline(visits: str, **known: object) -> dict:
    return {"start_of_therapy": on(0), "assessments": assessments(visits)} | known


@pytest.mark.parametrize("case", TIMED, ids=lambda case: case.reason)
def test_a_time_worked_by_hand(case):
    dates = {name: on(day) for name, day in case.days.items()}
    found = said(timeline(case.visits, death_cause=case.cause, **dates), case.settings)

    assert {n: "-" if found[n] is None else "{} {}".format(*found[n]) for n in case.times} == case.times


def test_there_are_more_than_forty_cases():
    assert len({case.reason for case in TIMED}) == len(TIMED) > 40


def test_each_time_says_its_reason():
    course = timeline("28:PR 56:PR 84:NE", new_therapy_date=on(100), last_contact_date=on(120))
    found = times.answer(course)

    assert {name: found[name]["because"] for name in ENDPOINTS} == {
        "TTP": "censored: last adequate assessment 2024-03-11, new therapy began on 2024-04-24",
        "PFS": "censored: last adequate assessment 2024-03-11, new therapy began on 2024-04-24",
        "TTR": "event: first confirmed response on 2024-02-12",
        "DOR": "censored: last adequate assessment 2024-03-11, new therapy began on 2024-04-24",
        "OS": "censored: last contact 2024-05-14",
    }


@pytest.mark.parametrize(
    ("visits", "known", "endpoint", "because"),
    [
        ("28:SD 56:PDi", {}, "TTP", "event: PD on 2024-03-11"),
        ("28:SD 56:PDi", {}, "TTR", "censored: PD on 2024-03-11 without a confirmed response"),
        ("28:SD", {"death_date": 40}, "PFS", "event: death on 2024-02-24"),
        ("28:SD", {"death_date": 40}, "OS", "event: death on 2024-02-24"),
        ("28:NE", {}, "TTP", "censored: no adequate assessment after the first dose, day 0"),
        (
            "28:SD 56:PDl",
            {"death_date": 70, "death_cause": "progression"},
            "TTP",
            "event: PD on 2024-03-11, confirmed by the death from myeloma on 2024-03-25",
        ),
        (
            "28:SD 56:PDl",
            {"death_date": 141, "death_cause": "progression"},
            "TTP",
            "event: PD on 2024-03-11, confirmed by the death from myeloma on 2024-06-04 "
            "(2024-03-11 and 2024-06-04 are 85 days apart)",
        ),
        ("28:NE", {}, "OS", "censored: last assessment 2024-02-12"),
        ("28:NE", {"new_therapy_date": 40}, "OS", "censored: last known alive, new therapy began 2024-02-24"),
        ("", {}, "OS", "censored: no contact after the first dose, day 0"),
        ("28:SD", {"last_contact_date": 80, "data_cutoff": 50}, "OS", "censored: alive at the data cut-off 2024-03-05"),
    ],
)
def test_the_reasons(visits, known, endpoint, because):
    dates = {name: on(day) if name.endswith(("date", "cutoff")) else day for name, day in known.items()}

    assert times.answer(timeline(visits, **dates))[endpoint]["because"] == because


def test_a_missed_pair_is_said():
    found = times.answer(timeline("28:SD 92:PDi", settings={"missed_assessments": 2}))

    assert found["TTP"]["because"] == (
        "censored: last adequate assessment 2024-02-12, 2 or more assessments missed before PD on 2024-04-16"
    )


def test_a_time_knows_the_row_that_it_stands_on():
    rows = [
        Assessment(
            date=date.fromisoformat(one["date"]),
            response=Response(one["response"]),
            pd_source=SOURCES.get(one["pd_source"]),
            row=str(number),
        )
        for number, one in enumerate(assessments("28:PR 28:VGPR 56:PR 84:SD"), 1)
    ]
    found = times.times(times.Timeline(start_of_therapy=START, assessments=tuple(rows)), ResponseSettings())

    assert (found.ttr.row, found.ttr.stands_on, found.ttr.on) == ("1", "assessment", START + timedelta(28))
    assert (found.ttp.row, found.os.row) == ("4", "4")
    assert found.dor is not None and (found.dor.since, found.dor.days) == (START + timedelta(28), 56)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"start_of_therapy": None}, "start_of_therapy: is needed"),
        ({"start_of_therapy": "15.01.2024"}, "start_of_therapy: must be a date YYYY-MM-DD, got '15.01.2024'"),
        ({"death_date": "2024-13-01"}, "death_date: 2024-13-01 is no day of the calendar"),
        ({"death_date": on(-1)}, "death_date: 2024-01-14 is before start_of_therapy 2024-01-15"),
        ({"death_date": on(27)}, "assessments: 2024-02-12 is after death_date 2024-02-11"),
        ({"data_cutoff": on(-1)}, "data_cutoff: 2024-01-14 is before start_of_therapy 2024-01-15"),
        ({"death_cause": "myeloma"}, "death_cause: must be one of progression, other or null, got 'myeloma'"),
        ({"assessments": "none"}, "assessments: must be a list"),
        ({"assessments": [{"date": on(28)}]}, "assessments[0].response: is needed"),
        ({"assessments": [{"date": on(28), "serum_m": 1}]}, "assessments[0]: 'serum_m' is unknown"),
        ({"assessments": [{"date": on(28), "response": "PD", "pd_source": "serum"}]}, "assessments[0].pd_source: must"),
        ({"assessments": [{"date": on(28), "response": "NE", "no_pd": "yes"}]}, "assessments[0].no_pd: must be true"),
        (
            {"assessments": [{"date": on(28), "response": "PD", "no_pd": True}]},
            "assessments[0].no_pd: stands beside NE",
        ),
        ({"settings": {"censoring": "no"}}, "settings: 'censoring' is unknown"),
        ({"last_contact": on(28)}, "line: 'last_contact' is unknown"),
    ],
)
def test_a_fault_is_named_with_its_field(fault, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        times.answer(timeline("28:SD") | fault)


def test_any_record_of_a_day_alive_ends_os():
    known = [times.Alive(START + timedelta(11), "end of AE 2"), times.Alive(START + timedelta(10), "onset of AE 3")]
    found = times.times(times.Timeline(start_of_therapy=START, alive=tuple(known)), ResponseSettings())
    empty = Assessment(date=START + timedelta(28), response=Response.NE, missed=True)
    missed = times.times(times.Timeline(start_of_therapy=START, assessments=(empty,)), ResponseSettings())

    assert (found.os.days, found.os.stands_on) == (11, times.StandsOn.RECORD)
    assert found.os.because == "censored: last known alive, end of AE 2 2024-01-26"
    assert missed.os.days == 0  # a visit that did not happen proves nothing
    assert (found.ttp.days, found.pfs.days) == (0, 0)


def test_a_cause_and_a_category_are_checked_without_the_filter_too():
    with pytest.raises(ValueError, match="^death_cause"):
        times.Timeline(start_of_therapy=START, death_cause="myeloma")
    with pytest.raises(ValueError, match="^assessments: 2024-01-15 needs a response"):
        times.Timeline(start_of_therapy=START, assessments=(Assessment(date=START, values=Values()),))


def test_null_lists_and_dates_are_nothing():
    bare = {"start_of_therapy": on(0)}

    assert reply(json.dumps(bare).encode(), times.answer) == reply(
        json.dumps(bare | {"assessments": None, "death_date": None, "settings": None}).encode(), times.answer
    )
