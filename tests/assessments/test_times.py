"""Times to an event (docs/domain.md, section 8). The timelines are worked by hand (tests/data/README.md)."""

import json
from pathlib import Path

import pytest

from assessments import times

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
