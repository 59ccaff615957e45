"""The shape of inputs stored with a decision: what is broken is named."""

from copy import deepcopy

import pytest

from escalation.stored import inputs as stored_inputs

SOUND = {
    "variant": "D6",
    "levels": 3,
    "start": 1,
    "settings": {"a": 3, "b": 3, "c": 1, "d": 1, "e": 1, "early_stop": True},
    "closed_by_committee": None,
    "patients": [
        {"patient": 1, "dose_level": "b0c1", "level": 1, "outcome": "no_dlt", "role": "escalation"},
        {"patient": 2, "dose_level": "b0c2", "level": None, "outcome": "pending", "role": "backfill"},
    ],
}


def broken(*path, to=...):
    """SOUND with the value at `path` set to `to`, or taken out."""
    inputs = deepcopy(SOUND)
    part = inputs
    for step in path[:-1]:
        part = part[step]
    if to is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return inputs


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (SOUND, ""),
        (broken("patients", to=[]), ""),
        ([], "the whole must be an object"),
        (None, "the whole must be an object"),
        (broken("settings"), "settings is missing"),
        (broken("levels", to="three"), "levels must be a whole number"),
        (broken("levels", to=True), "levels must be a whole number"),
        (broken("closed_by_committee", to="2"), "closed_by_committee must be a whole number or null"),
        (broken("patients", to=None), "patients must be a list"),
        (broken("patients", 1, to=7), "entry 2 must be an object"),
        (broken("patients", 0, "outcome"), "outcome of entry 1 is missing"),
        (broken("patients", 1, "level", to="low"), "level of entry 2 must be a whole number or null"),
    ],
)
def test_the_first_fault_is_named(inputs, said):
    assert stored_inputs.fault(inputs) == said


def test_nobody_is_read_from_what_is_broken():
    assert stored_inputs.patients(SOUND) == SOUND["patients"]
    assert stored_inputs.patients(broken("start")) == []
