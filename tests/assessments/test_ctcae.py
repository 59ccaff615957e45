"""Grades from laboratory values: each bound of the tables of docs/domain.md, section 6, from both sides, by hand."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import ctcae, terms
from trial.jsonl import reply

UNITS = {name: next(iter(test.units)) for name, test in ctcae.TESTS.items()}


def ask(test, value, **more):
    line = {"test": test, "value": Decimal(str(value)), "unit": UNITS[test]}
    line |= {name: Decimal(str(given)) if name in ("lln", "uln", "baseline") else given for name, given in more.items()}
    return ctcae.answer(line)


def grade(test, value, **more):
    return ask(test, value, **more)["grade"]


@pytest.mark.parametrize(
    ("test", "lln", "bounds"),
    [  # a value at a bound has the lower grade, one just below it the higher
        ("platelets", 150, [(150, 0, 1), (75, 1, 2), (50, 2, 3), (25, 3, 4)]),
        ("neutrophils", 2, [(2, 0, 1), ("1.5", 1, 2), ("1.0", 2, 3), ("0.5", 3, 4)]),
        ("white_cells", 4, [(4, 0, 1), (3, 1, 2), (2, 2, 3), (1, 3, 4)]),
        ("lymphocytes", 1, [(1, 0, 1), ("0.8", 1, 2), ("0.5", 2, 3), ("0.2", 3, 4)]),
        ("haemoglobin", 12, [(12, 0, 1), (10, 1, 2), (8, 2, 3)]),
        ("sodium", 135, [(135, 0, 1), (120, 3, 4)]),
        ("potassium", "3.5", [("3.5", 0, 1), ("3.0", 1, 3), ("2.5", 3, 4)]),
    ],
)
def test_every_lower_bound_of_version_5(test, lln, bounds):
    for bound, at, below in bounds:
        assert grade(test, bound, lln=lln, uln=1000) == at
        assert grade(test, Decimal(str(bound)) - Decimal("0.001"), lln=lln, uln=1000) == below


@pytest.mark.parametrize(
    ("test", "uln", "bounds"),
    [  # a value at a bound has the lower grade, one just above it the higher
        ("potassium", 5, [(5, 0, 1), ("5.5", 1, 2), (6, 2, 3), (7, 3, 4)]),
        ("calcium_corrected", "10.5", [("10.5", 0, 1), ("11.5", 1, 2), ("12.5", 2, 3), ("13.5", 3, 4)]),
        ("creatinine", 2, [(2, 0, 1), (3, 1, 2), (6, 2, 3), (12, 3, 4)]),
        ("alt", 40, [(40, 0, 1), (120, 1, 2), (200, 2, 3), (800, 3, 4)]),
        ("ast", 40, [(40, 0, 1), (120, 1, 2), (200, 2, 3), (800, 3, 4)]),
        ("bilirubin", 1, [(1, 0, 1), ("1.5", 1, 2), (3, 2, 3), (10, 3, 4)]),
    ],
)
def test_every_upper_bound_of_version_5(test, uln, bounds):
    for bound, at, above in bounds:
        assert grade(test, bound, lln=0, uln=uln) == at
        assert grade(test, Decimal(str(bound)) + Decimal("0.001"), lln=0, uln=uln) == above


@pytest.mark.parametrize(
    ("version", "test", "value", "expected"),
    [  # baseline 100 with an upper limit of 40: multiples of the baseline count
        ("5.0", "alt", 149, 0), ("5.0", "alt", 150, 1), ("5.0", "alt", 300, 1), ("5.0", "alt", 301, 2),
        ("5.0", "ast", 500, 2), ("5.0", "ast", 501, 3), ("5.0", "ast", 2000, 3), ("5.0", "ast", 2001, 4),
        ("5.0", "bilirubin", 100, 0), ("5.0", "bilirubin", 101, 1), ("5.0", "bilirubin", 151, 2),
        ("5.0", "bilirubin", 301, 3), ("5.0", "bilirubin", 1001, 4),
        ("6.0", "alt", 99, 0), ("6.0", "alt", 100, 1), ("6.0", "alt", 150, 1), ("6.0", "alt", 151, 2),
        ("6.0", "ast", 200, 2), ("6.0", "ast", 201, 3), ("6.0", "ast", 400, 3), ("6.0", "ast", 401, 4),
        ("6.0", "bilirubin", 99, 0), ("6.0", "bilirubin", 100, 1), ("6.0", "bilirubin", 151, 2),
        ("6.0", "bilirubin", 250, 2), ("6.0", "bilirubin", 251, 3), ("6.0", "bilirubin", 1000, 3),
        ("6.0", "bilirubin", 1001, 4),
    ],
)  # fmt: skip
def test_an_abnormal_baseline_is_its_own_measure(version, test, value, expected):
    assert grade(test, value, uln=40, baseline=100, version=version) == expected


@pytest.mark.parametrize(
    ("version", "value", "lln", "baseline", "expected"),
    [  # upper limit 1.2
        ("5.0", "1.0", "0.6", "0.8", 0),  # 1.25 × baseline, within limits
        ("5.0", "1.3", "0.6", "0.8", 2),  # 1.625 × baseline, though only 1.08 × ULN
        ("5.0", "2.5", "0.6", "0.8", 3),  # above 3 × baseline
        ("5.0", "7.3", "0.6", "0.8", 4),  # above 6 × ULN
        ("6.0", "1.3", "0.6", "0.8", 1),  # the baseline is not below the LLN
        ("6.0", "1.3", "0.9", "0.8", 2),  # it is
        ("6.0", "1.3", None, "0.8", 1),  # without LLN nothing says so
    ],
)
def test_creatinine_counts_by_limit_and_baseline(version, value, lln, baseline, expected):
    assert grade(
        "creatinine", value, uln="1.2", baseline=baseline, version=version, **({"lln": lln} if lln else {})
    ) == (expected)


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ("neutrophils", "1.5", 0), ("neutrophils", "1.49", 1), ("neutrophils", "0.99", 2), ("neutrophils", "0.49", 3),
        ("neutrophils", "0.1", 3), ("neutrophils", "0.09", 4),
        ("platelets", 49, 3), ("platelets", 10, 3), ("platelets", "9.9", 4), ("platelets", 74, 2),
        ("lymphocytes", "0.1", 1), ("lymphocytes", "1.1", 0),
        ("sodium", "129.5", 2), ("sodium", 125, 2), ("sodium", "124.9", 3), ("sodium", 120, 3), ("sodium", "119.9", 4),
    ],
)  # fmt: skip
def test_version_6_differs(test, value, expected):
    assert grade(test, value, lln={"lymphocytes": 1}.get(test, 135), version="6.0") == expected


@pytest.mark.parametrize(
    ("test", "value", "expected", "needs"),
    [
        ("sodium", 127, 2, [{"question": "symptoms", "grade": 3}]),
        ("sodium", 122, 3, []),
        ("potassium", "3.2", 1, [{"question": "symptoms", "grade": 2}]),
        ("haemoglobin", 7, 3, [{"question": "life-threatening", "grade": 4}]),
        ("platelets", 18, 4, []),
    ],
)
def test_what_a_person_must_answer_is_asked(test, value, expected, needs):
    said = ask(test, value, lln=140 if test == "sodium" else 4, uln=1000)

    assert (said["grade"], said["needs"]) == (expected, needs)


@pytest.mark.parametrize("version", ctcae.VERSIONS)
def test_calcium_in_mmol_has_its_own_bounds(version):
    """CTCAE prints both units; 2.9 mmol/L would be 11.6 mg/dL and a grade higher by conversion."""
    line = {"test": "calcium_corrected", "unit": "mmol/L", "uln": Decimal("2.6"), "version": version}
    values = {"2.6": 0, "2.61": 1, "2.9": 1, "2.901": 2, "3.1": 2, "3.11": 3, "3.4": 3, "3.41": 4}

    assert {v: ctcae.answer(line | {"value": Decimal(v)})["grade"] for v in values} == values


@pytest.mark.parametrize(
    ("version", "value", "lln", "expected"),
    [  # baseline 1.0 and no ULN: the baseline alone proves 2 or 3
        ("5.0", "1.5", None, None),
        ("5.0", "1.51", None, 2),
        ("5.0", "3.0", None, 2),
        ("5.0", "3.01", None, 3),
        ("6.0", "3.2", None, None),
        ("6.0", "3.2", "0.9", None),  # the baseline is not below the LLN
        ("6.0", "3.2", "1.1", 3),
        ("6.0", "1.5", "1.1", None),
    ],
)
def test_creatinine_without_a_uln(version, value, lln, expected):
    limits = {"lln": lln} if lln else {}

    assert grade("creatinine", value, baseline="1.0", version=version, **limits) == expected


def test_version_6_has_its_own_names():
    assert ask("platelets", 40, version="6.0")["term"] == "Thrombocytopenia"
    assert ask("lymphocytes", "0.1", lln=1, version="6.0")["term"] == "Lymphopenia"
    assert ask("platelets", 40)["term"] == "Platelet count decreased"


def test_the_gap_of_version_5_is_named():
    assert ask("sodium", "129.5", lln=135)["grade"] == 1
    assert "gap between 129 and 130" in ask("sodium", "129.5", lln=135)["because"]
    assert ask("sodium", "124.5", lln=135)["grade"] == 2
    assert "gap between 124 and 125" in ask("sodium", "124.5", lln=135)["because"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"test": "haemoglobin", "unit": "g/L", "value": 79}, 3),
        ({"test": "haemoglobin", "unit": "g/L", "value": 80}, 2),
        ({"test": "calcium_corrected", "unit": "mmol/L", "value": Decimal("3.2")}, 3),
        ({"test": "creatinine", "unit": "umol/L", "value": 200, "uln": 100}, 2),
        ({"test": "creatinine", "unit": "µmol/L", "value": 200, "uln": 100}, 2),
    ],
)
def test_other_units_are_converted(said, expected):
    assert ctcae.answer(said)["grade"] == expected


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"unit": "U/L", "value": 3}, "test"),
        ({"test": "alt", "value": 3}, "unit"),
        ({"test": "alt", "unit": "U/L", "value": 3}, "uln"),
        ({"test": "platelets", "unit": "10^9/L", "value": 80}, "lln"),
        ({"test": "potassium", "unit": "mmol/L", "value": 4, "lln": 3}, "uln"),
    ],
)
def test_what_is_missing_leaves_the_grade_open(said, missing):
    answer = ctcae.answer(said)

    assert answer["grade"] is None
    assert answer["because"].startswith(missing)


def test_a_number_that_needs_no_limit_is_graded_without_one():
    assert grade("platelets", 18) == 4
    assert grade("potassium", "6.5") == 3


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"test": "iron"}, "test"),
        ({"unit": "kg"}, "unit"),
        ({"version": "4.0"}, "version"),
        ({"value": -1}, "value"),
        ({"value": None}, "value"),
        ({"value": "18"}, "value"),
        ({"lln": 5, "uln": 4}, "lln"),
        ({"uln": 0}, "uln"),
        ({"value": Decimal("1e40")}, "value"),
    ],
)
def test_a_wrong_field_is_named(said, field):
    line = {"test": "platelets", "unit": "10^9/L", "value": 18} | said

    with pytest.raises(ValueError, match=f"^{field}: "):
        ctcae.answer(line)


values = st.decimals(min_value=0, max_value=2000, places=3)


@given(st.sampled_from(sorted(ctcae.TESTS)), st.sampled_from(ctcae.VERSIONS), values, values)
def test_a_worse_value_never_has_a_lower_grade(test, version, one, other):
    """Monotone on each side of the limits; potassium has two sides."""
    low = ctcae.TESTS[test].low and test != "potassium"
    better, worse = sorted((one, other), reverse=bool(low))
    if test == "potassium":
        better, worse = max(better, Decimal(4)), max(worse, Decimal(4))
    limits = {"lln": Decimal(3), "uln": Decimal(5)}

    graded = [grade(test, value, version=version, **limits) for value in (better, worse)]

    assert graded == sorted(graded)


@pytest.mark.parametrize("test", ctcae.TESTS.values(), ids=list(ctcae.TESTS))
def test_every_term_is_one_of_the_list_and_has_its_grades(test):
    """A grade that is proposed can be chosen in the form of the event."""
    for term in filter(None, (test.low, test.high)):
        assert {1, 2, 3, 4} <= set(terms.grades(term))


def test_the_filter_reads_numbers_as_decimals_and_goes_on_after_a_bad_line():
    lines = [
        '{"id": 1, "test": "bilirubin", "value": 0.3, "unit": "mg/dL", "uln": 0.2}',  # 1.5 × 0.2 is 0.3 exactly
        '{"id": 2, "test": "iron", "unit": "mg/dL", "value": 1}',
        '{"id": 3, "test": "platelets", "value": 18, "unit": "10^9/L", "lln": 150}',
    ]
    done = subprocess.run(
        [sys.executable, "-m", "assessments.ctcae"], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    first, wrong, last = map(json.loads, done.stdout.splitlines())

    assert (first["id"], first["grade"]) == (1, 1)
    assert (wrong["id"], wrong["error"].split(":")[0]) == (2, "test")
    assert (last["term"], last["grade"], last["needs"]) == ("Platelet count decreased", 4, [])


def test_the_same_line_has_the_same_bytes():
    line = b'{"test": "sodium", "value": 127, "unit": "mmol/L", "lln": 135}'

    assert reply(line, ctcae.answer) == (
        b'{"because": "127 is below 130.", "grade": 2, "needs": [{"grade": 3, "question": "symptoms"}],'
        b' "term": "Hyponatremia"}\n'
    )
