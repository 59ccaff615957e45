"""What the form of the design properties refuses, and by what name."""

import pytest

from escalation.design.comparison import Ladder
from escalation.design.forms import DesignForm

ASKED = {f"rate_{k}": "0.2" for k in range(1, 6)} | {"target": "0.33", "begin": "start", "variant": "D6"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rate_2": "5"}, "Rate of level 2: must be from 0 to 1; write 0.05 or 5 %."),
        ({"rate_2": "101 %"}, "Rate of level 2: must be from 0 to 1"),
        ({"rate_3": "-0.1"}, "Rate of level 3: must be from 0 to 1"),
        ({"rate_1": "few"}, "Rate of level 1: must be a number from 0 to 1"),
        ({"rate_1": "nan"}, "Rate of level 1: must be a number from 0 to 1"),
        ({"rate_4": ""}, "Rate of level 4: needs a number from 0 to 1."),
        ({"rate_6": "0.9"}, "Rates: needs one per level, got 6 for 5."),
        ({"target": "33"}, "Target rate: must be from 0 to 1"),
        ({"begin": "present"}, "Reckoned from: one of start."),
        ({"level": "9"}, "Level whose rate varies: one of 1, 2, 3, 4, 5."),
        ({"design": "CRM"}, "Design of the curves: one of D6, D3, N, rolling_six, other."),
        ({"design": "other"}, "Design of the curves: the other design is not given."),
        ({"a": "3"}, "B: the other design needs all five numbers."),
        ({"a": "3", "b": "3", "c": "1", "d": "3", "e": "3"}, "D: needs d < a"),
        ({"a": "13", "b": "1", "c": "1", "d": "1", "e": "1"}, "A: must be from 0 to 12."),
        ({"a": "7", "b": "7", "c": "1", "d": "1", "e": "1"}, "B: A + B is at most 12 here."),
        ({"a": "three", "b": "3", "c": "1", "d": "1", "e": "1"}, "A: write a whole number."),
    ],
)
def test_what_cannot_be_is_refused_by_name(asked, words):
    form = DesignForm(ASKED | asked, ladder=Ladder(["1", "2", "3", "4", "5"]))

    assert not form.is_valid()
    assert words in " ".join(sentence for sentences in form.errors.values() for sentence in sentences)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        *((each, float(each)) for each in ("0", "1", ".05", "5e-2", "0.123456789012345")),
        ("5%", 0.05),
        ("20 %", 0.2),
        ("7,5 %", 0.075),
    ],
)
def test_any_number_from_0_to_1_is_a_rate_also_in_percent_with_its_sign(written, rate):
    form = DesignForm(ASKED | {"rate_1": written}, ladder=Ladder(["1", "2", "3", "4", "5"]))

    assert form.is_valid()
    assert form.question.assumed.rates[0] == rate
