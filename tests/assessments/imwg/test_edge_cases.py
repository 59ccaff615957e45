"""Inputs on which response and times once were wrong, with their neighbours (tests/data/README.md), as filters run."""

import json
from pathlib import Path
from typing import Any

import pytest

from assessments import times
from assessments.imwg import __main__ as imwg
from trial.jsonl import reply

DATA = Path(__file__).resolve().parent.parent.parent / "data" / "edge_cases_response.json"
CASES = json.loads(DATA.read_text())
FILTERS = {"assessments.imwg": imwg.answer, "assessments.times": times.answer}


def at(answer: Any, path: str) -> Any:
    for key in path.split("."):
        answer = answer[int(key)] if isinstance(answer, list) else (answer or {}).get(key)
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_an_edge_case(case):
    answer = json.loads(reply(json.dumps(case["line"]).encode(), FILTERS[case["filter"]]))

    assert "error" not in answer
    for path, value in case["want"].items():
        got = at(answer, path.rstrip("!"))
        if path.endswith("!"):
            assert got != value, case["why"]
        else:
            assert got == value or (value == "NE" and got is None), case["why"]


def test_each_filter_is_asked():
    assert {case["filter"] for case in CASES} == set(FILTERS)
