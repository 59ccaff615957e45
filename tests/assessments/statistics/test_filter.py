"""The filter of the statistics: what it refuses, and its command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assessments.statistics.__main__ import answer

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({}, "line: must ask for exactly one of km, proportion, cox, roc, fisher"),
        ({"km": [1]}, "km: must be an object"),
        ({"km": {"time": [1, 2], "event": [1]}}, "event: must have as many values as the others, 2, but has 1"),
        ({"km": {"time": [1, -2], "event": [1, 1]}}, "time: must not be below 0"),
        ({"km": {"time": [1, None], "event": [1, 1]}}, "time: must hold numbers"),
        ({"km": {"time": [1, 2], "event": [1, 2]}}, "event: must hold 0 or 1"),
        ({"km": {"time": [1], "event": [1], "conf_type": "logit"}}, "conf_type: must be one of log-log, log, plain"),
        ({"km": {"time": [1], "event": [1], "conf_level": 95}}, "conf_level: must be above 0 and below 1"),
        ({"km": {"time": [1], "event": [1], "group": [None]}}, "group: must hold text or numbers"),
        ({"km": {"time": 3, "event": [1]}}, "time: must be a list"),
        ({"cox": {"time": [1], "event": [1]}}, "covariates: must be an object"),
        ({"cox": {"time": [1], "event": [1], "covariates": {"x": ["a"]}}}, "x: must hold numbers"),
        ({"cox": {"time": [1], "event": [1], "covariates": {"x": [1]}, "ties": "exact"}}, "ties: must be one of"),
        ({"roc": {"label": [1, 0], "marker": [1]}}, "marker: must have as many values"),
        ({"fisher": {"table": [[1, 2], [3]]}}, "table: must be two rows of two counts"),
        ({"fisher": {"table": [[1, 2], [3, -4]]}}, "table: must hold counts"),
        (
            {"km": {"time": [1], "event": [1], "conf_lvl": 0.9}},
            "km: 'conf_lvl' is unknown; known are time, event, group",
        ),
        ({"proportion": {"x": 1, "n": 3, "k": 2}}, "proportion: 'k' is unknown; known are x, n, conf_level"),
        ({"proportion": {"x": 5, "n": 3}}, "x: must be from 0 to n"),
    ],
)
def test_a_wrong_input_is_named(line, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        answer(line)


def test_the_filter_answers_each_line():
    asked = b'{"id": 7, "proportion": {"x": 0, "n": 3}}\n{"id": 8, "roc": {"label": [2], "marker": [1]}}\n'
    done = subprocess.run(
        [sys.executable, "-m", "assessments.statistics"], cwd=ROOT, input=asked, capture_output=True, check=True
    )
    first, second = map(json.loads, done.stdout.splitlines())

    assert first == {"id": 7, "estimate": 0, "lower": 0, "upper": pytest.approx(0.707598226178713, abs=1e-11)}
    assert second == {"id": 8, "error": "label: must hold 0 or 1, got 2"}
