"""Inputs on which the rules were wrong once, and neighbours that must stay right (tests/data/README.md)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from assessments import ctcae
from assessments.dlt import __main__ as dlt

FILTERS = {"assessments.dlt": dlt.answer, "assessments.ctcae": ctcae.answer}
CASES = json.loads((Path(__file__).parents[2] / "data" / "edge_cases.json").read_text(), parse_float=Decimal)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_filter_gives_the_answer_worked_by_hand(case):
    said = FILTERS[case["filter"]](case["line"])

    assert {key: said[key] for key in case["want"]} == case["want"], case["why"]
