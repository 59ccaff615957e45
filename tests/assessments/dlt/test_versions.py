"""An earlier version of the rules reads as it did: frozen answers of version 1, and what differs today by name."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from assessments import course_rules
from assessments.dlt import version
from assessments.dlt.criteria import CRITERIA, Rules
from assessments.dlt.event import Event, event_state
from assessments.dlt.version import READINGS, TODAY, Reading

LINES = (Path(__file__).parents[2] / "data" / "rules_1.jsonl").read_text().splitlines()
THEN = {"exception_grade": 4, "reading": READINGS["1"]}  # H5 did not exist, exceptions had no highest grade


@pytest.mark.parametrize("line", [json.loads(line) for line in LINES])
def test_version_1_gives_the_answers_that_it_gave(line):
    off = dict.fromkeys([*line["off"], "H5"], False)
    said = course_rules.suggest(Event(**line["event"]), Rules(on=off, **THEN))

    wanted = {key: line[key] for key in ("suggested", "criterion", "decides_on_day")}
    assert {key: getattr(said, key) for key in wanted} == wanted
    assert event_state(said, False, {}) == line["state"]


def test_each_version_is_kept_and_today_differs_from_the_one_before_by_name():
    assert READINGS[version.VERSION] is TODAY
    assert sorted(READINGS) == [str(k) for k in range(1, len(READINGS) + 1)]
    before = READINGS["1"]
    assert all(getattr(before, f.name) != getattr(TODAY, f.name) for f in fields(Reading))


def test_what_was_stored_without_a_version_is_of_the_first():
    assert version.of_stored(None) == "1"
    assert version.reading_of(None) is READINGS["1"]
    assert version.reading_of("99") is None


def ask(reading, term, grade, on=None, **known):
    event = Event(
        **{"term": term, "grade": grade, "onset_day": 5, "end_day": 20, "as_of_day": 20} | known,
    )
    said = course_rules.suggest(event, Rules(on=on or {}, exception_grade=4, reading=reading))
    return event_state(said, False, {})


@pytest.mark.parametrize(
    ("event", "then", "now"),
    [
        # an answer that clears, beside 15 days at grade 3
        (
            {"term": "Hypokalemia", "grade": 3, "qualifiers": {"corrected_within_72h": True}},
            "none",
            "suspected",
        ),
        # Hy's law at grade 1
        (
            {
                "term": "Blood bilirubin increased",
                "grade": 1,
                "qualifiers": {
                    **dict.fromkeys(("alt_or_ast_above_3_uln", "bilirubin_above_2_uln", "alp_below_2_uln"), True),
                    "other_cause": False,
                },
            },
            "none",
            "suspected",
        ),
        # an open question of Hy's law hid that the relation is missing
        ({"term": "Blood bilirubin increased", "grade": 3, "relations": {"a": None}}, "open", "suspected"),
        # with N3 off, an exception cleared a death
        (
            {"term": "Vomiting", "grade": 5, "end_day": 6, "on": {"N3": False}, "qualifiers": {}},
            "none",
            "suspected",
        ),
    ],
)
def test_what_was_mended_reads_as_before_in_a_replay(event, then, now):
    event = {"relations": {"a": "possible"}} | event

    assert (ask(READINGS["1"], **event), ask(TODAY, **event)) == (then, now)


def test_every_criterion_is_known_to_the_protocol():
    from trial import protocol_settings

    assert tuple(CRITERIA) == protocol_settings.CRITERIA
