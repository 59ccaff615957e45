"""The CTCAE grade that a laboratory value alone proves, v5.0 and v6.0 (NCI). Pure and exact.

docs/domain.md, section 6, is the authority; docs/decisions/2026-11-25-ctcae-readings.md says how it is read where it
leaves room. Symptoms, admission and transfusion are for a person: what could still raise the grade is asked in `needs`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

VERSIONS = ("5.0", "6.0")
D = Decimal
ONE = D(1)
DIGITS = 30  # of a value, before and after the point: more is no measurement
SYMPTOMS, LIFE_THREATENING = "symptoms", "life-threatening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A laboratory test. units: factor to the first one, in which the table of grades stands.

    A unit with bounds of its own (OWN_BOUNDS) is graded by them and never converted.
    """

    units: Mapping[str, Decimal]
    low: str = ""  # the term of a value that is too low
    high: str = ""  # the term of one that is too high


_COUNT = {"10^9/L": ONE}
TESTS: dict[str, Test] = {
    "platelets": Test(low="Platelet count decreased", units=_COUNT),
    "neutrophils": Test(low="Neutrophil count decreased", units=_COUNT),
    "white_cells": Test(low="White blood cell decreased", units=_COUNT),
    "lymphocytes": Test(low="Lymphocyte count decreased", units=_COUNT),
    "haemoglobin": Test(low="Anemia", units={"g/dL": ONE, "g/L": D("0.1")}),
    "sodium": Test(low="Hyponatremia", units={"mmol/L": ONE}),
    "potassium": Test(low="Hypokalemia", high="Hyperkalemia", units={"mmol/L": ONE}),
    "calcium_corrected": Test(high="Hypercalcemia", units={"mg/dL": ONE, "mmol/L": ONE}),
    # only multiples of limits and baseline count below, so one unit is as good as another
    "creatinine": Test(high="Creatinine increased", units={"mg/dL": ONE, "umol/L": ONE}),
    "alt": Test(high="Alanine aminotransferase increased", units={"U/L": ONE}),
    "ast": Test(high="Aspartate aminotransferase increased", units={"U/L": ONE}),
    "bilirubin": Test(high="Blood bilirubin increased", units={"mg/dL": ONE, "umol/L": ONE}),
}
# CTCAE prints these in either unit, and 3.1 mmol/L is not quite 12.5 mg/dL.
OWN_BOUNDS = {"mg/dL": (D("11.5"), D("12.5"), D("13.5")), "mmol/L": (D("2.9"), D("3.1"), D("3.4"))}
# What 6.0 calls the terms of a low count otherwise.
RENAMED = {"Platelet count decreased": "Thrombocytopenia", "Lymphocyte count decreased": "Lymphopenia"}
# Where a low value counts, the lower ends of grades 1, 2 and 3: below one the next begins. Grade 1 begins at the LLN.
FLOORS: dict[str, tuple[Decimal, ...]] = {
    "platelets": (D(75), D(50), D(25)),
    "white_cells": (D(3), D(2), D(1)),
    "lymphocytes": (D("0.8"), D("0.5"), D("0.2")),
    "haemoglobin": (D(10), D(8)),  # grade 4 is for a person
}
NEUTROPHILS = {"5.0": (D("1.5"), D("1.0"), D("0.5")), "6.0": (D("1.5"), D("1.0"), D("0.5"), D("0.1"))}
# The upper end of grades 1, 2 and 3 where a high value counts, in multiples of the ULN, or of the baseline.
ULN = {
    "creatinine": (D("1.5"), D(3), D(6)),
    "alt": (D(3), D(5), D(20)),
    "ast": (D(3), D(5), D(20)),
    "bilirubin": (D("1.5"), D(3), D(10)),
}
# With a baseline above the ULN: (where grade 1 begins, whether that point belongs to it, the upper ends).
LIVER = {"5.0": (D("1.5"), True, (D(3), D(5), D(20))), "6.0": (D(1), True, (D("1.5"), D(2), D(4)))}
BILIRUBIN = {"5.0": (D(1), False, (D("1.5"), D(3), D(10))), "6.0": (D(1), True, (D("1.5"), D("2.5"), D(10)))}


@dataclass(frozen=True, slots=True)
class Need:
    """A question to a person whose "yes" would raise the grade."""

    question: str
    grade: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """grade: the highest that the number alone proves, 0 within limits, None when a limit is missing for it.

    term: None while it is open which of two terms would be meant, or nothing was tested.
    """

    term: str | None
    grade: int | None
    because: str
    needs: Sequence[Need] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value with what its laboratory said of it, all in one unit. None: not given."""

    value: Decimal
    lln: Decimal | None = None
    uln: Decimal | None = None
    baseline: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("value", "lln", "uln", "baseline"):
            number = getattr(self, name)
            if number is not None and (not number.is_finite() or number < 0):
                raise ValueError(f"{name}: cannot be below 0, got {number}")
            if number is not None and (number >= D(10) ** DIGITS or int(number.as_tuple().exponent) < -DIGITS):
                raise ValueError(f"{name}: has more than {DIGITS} digits before or after the point")
        if self.uln == 0:
            raise ValueError("uln: must be above 0")
        if self.lln is not None and self.uln is not None and self.lln > self.uln:
            raise ValueError(f"lln: cannot be above uln, got {self.lln} and {self.uln}")


def propose(test: str, unit: str, result: Result, version: str = "5.0") -> Proposal:
    """The grade of one laboratory value. Raises ValueError, which names the field, for an unknown test or unit."""
    if version not in VERSIONS:
        raise ValueError(f"version: must be one of {', '.join(VERSIONS)}, got {version!r}")
    if test not in TESTS:
        raise ValueError(f"test: must be one of {', '.join(TESTS)}, got {test!r}")
    known = TESTS[test]
    if unit not in known.units:
        raise ValueError(f"unit: {test} is given in {' or '.join(known.units)}, got {unit!r}")
    with localcontext(prec=4 * DIGITS):  # so that every product is exact
        here = _in_first_unit(result, known.units[unit])
        if test == "calcium_corrected":
            return _high(known.high, here, OWN_BOUNDS[unit])
        found = _propose(test, known, here, version)
    return replace(found, term=RENAMED.get(found.term or "", found.term)) if version == "6.0" else found


def _propose(test: str, known: Test, here: Result, version: str) -> Proposal:
    match test:
        case "neutrophils":
            return _low(known.low, here, NEUTROPHILS[version], by_limit=version == "5.0")
        case "lymphocytes" if version == "6.0":
            return _low(known.low, here, ())
        case "platelets" if version == "6.0":
            return _low(known.low, here, (D(75), D(50), D(10)))
        case "sodium":
            return _sodium(known.low, here, version)
        case "potassium":
            return _potassium(known, here)
        case "creatinine":
            return _creatinine(known.high, here, version)
        case "alt" | "ast":
            return _times(known.high, here, ULN[test], LIVER[version])
        case "bilirubin":
            return _times(known.high, here, ULN[test], BILIRUBIN[version])
    found = _low(known.low, here, FLOORS[test])
    if test == "haemoglobin" and found.grade == 3:
        return Proposal(found.term, 3, found.because, (Need(LIFE_THREATENING, 4),))
    return found


def _in_first_unit(result: Result, factor: Decimal) -> Result:
    def times(number: Decimal | None) -> Decimal | None:
        return None if number is None else number * factor

    return Result(
        value=result.value * factor,
        lln=times(result.lln),
        uln=times(result.uln),
        baseline=times(result.baseline),
    )


def _low(term: str, result: Result, floors: Sequence[Decimal], *, by_limit: bool = True) -> Proposal:
    """Below a floor begins the next grade. by_limit: grade 1 begins at the LLN, else at the first floor itself."""
    value, first = result.value, 2 if by_limit else 1
    passed = sum(value < floor for floor in floors)
    if passed:
        return Proposal(term, first - 1 + passed, f"{_plain(value)} is below {_plain(floors[passed - 1])}.")
    if not by_limit:
        return Proposal(term, 0, f"{_plain(value)} is not below {_plain(floors[0])}.")
    if result.lln is None:
        return Proposal(term, None, "lln: is needed to tell grade 1 from a value within limits.")
    if value < result.lln:
        return Proposal(term, 1, f"{_plain(value)} is below the lower limit {_plain(result.lln)}.")
    return Proposal(term, 0, f"{_plain(value)} is not below the lower limit {_plain(result.lln)}.")


def _high(term: str, result: Result, tops: Sequence[Decimal]) -> Proposal:
    """Above a top begins the next grade; grade 1 begins above the ULN."""
    value = result.value
    passed = sum(value > top for top in tops)
    if passed:
        return Proposal(term, 1 + passed, f"{_plain(value)} is above {_plain(tops[passed - 1])}.")
    if result.uln is None:
        return Proposal(term, None, "uln: is needed to tell grade 1 from a value within limits.")
    if value > result.uln:
        return Proposal(term, 1, f"{_plain(value)} is above the upper limit {_plain(result.uln)}.")
    return Proposal(term, 0, f"{_plain(value)} is not above the upper limit {_plain(result.uln)}.")


def _sodium(term: str, result: Result, version: str) -> Proposal:
    """v5.0 writes whole numbers, 125-129 and 120-124, and leaves what lies between two of them to the lower grade."""
    value = result.value
    if value >= 130:
        return _low(term, result, ())
    if value < 120:
        return Proposal(term, 4, f"{_plain(value)} is below 120.")
    gap = ""
    if version == "5.0":
        high = next((top for top in (129, 124) if top < value < top + 1), None)
        if high is not None:
            gap = f" CTCAE v5.0 has a gap between {high} and {high + 1}: the lower grade is taken."
    if version == "5.0" and value > 129:
        return Proposal(term, 1, f"{_plain(value)} is below 130.{gap}")
    if value >= 125 or (version == "5.0" and value > 124):
        return Proposal(term, 2, f"{_plain(value)} is below 130.{gap}", (Need(SYMPTOMS, 3),))
    return Proposal(term, 3, f"{_plain(value)} is below 125.")


def _potassium(test: Test, result: Result) -> Proposal:
    """Two terms: below the LLN and above the ULN. Within both, none is meant."""
    value = result.value
    if value < 3:
        floor, grade = (D("2.5"), 4) if value < D("2.5") else (D(3), 3)
        return Proposal(test.low, grade, f"{_plain(value)} is below {_plain(floor)}.")
    high = _high(test.high, result, (D("5.5"), D(6), D(7)))
    if high.grade:
        return high
    if result.lln is not None and value < result.lln:
        return Proposal(test.low, 1, f"{_plain(value)} is below the lower limit {_plain(result.lln)}.",
                        (Need(SYMPTOMS, 2),))  # fmt: skip
    if result.lln is None or high.grade is None:
        missing = "lln" if result.lln is None else "uln"
        return Proposal(None, None, f"{missing}: is needed to tell grade 1 from a value within limits.")
    return Proposal(None, 0, f"{_plain(value)} is within its limits.")


def _times(
    term: str, result: Result, tops: Sequence[Decimal], above: tuple[Decimal, bool, Sequence[Decimal]]
) -> Proposal:
    """Multiples of the ULN; of the baseline when that is above the ULN (`above`: begin, whether inclusive, tops)."""
    value, uln, baseline = result.value, result.uln, result.baseline
    if uln is None:
        return Proposal(term, None, "uln: is needed; the grades are multiples of it.")
    if baseline is None or baseline <= uln:
        return _multiple(term, value, uln, "ULN", ONE, False, tops)
    begin, inclusive, multiples = above
    return _multiple(term, value, baseline, "baseline", begin, inclusive, multiples)


def _multiple(
    term: str, value: Decimal, of: Decimal, name: str, begin: Decimal, inclusive: bool, tops: Sequence[Decimal]
) -> Proposal:
    passed = sum(value > top * of for top in tops)
    if passed:
        return Proposal(
            term, 1 + passed, f"{_plain(value)} is above {_plain(tops[passed - 1])} × {name} ({_plain(of)})."
        )
    reached = value >= begin * of if inclusive else value > begin * of
    word = "at least" if inclusive else "above"
    told = f"{_plain(value)} is {word if reached else f'not {word}'} {_plain(begin)} × {name} ({_plain(of)})."
    return Proposal(term, int(reached), told)


def _creatinine(term: str, result: Result, version: str) -> Proposal:
    """By the ULN, and up to grade 3 by the baseline too: in v6.0 only one that is below the LLN. The graver holds.

    Without a ULN the baseline alone proves grade 2 or 3; whether it is grade 1 hangs on the ULN.
    """
    baseline, by_limit = result.baseline, Proposal(term, None, "uln: is needed; the grades are multiples of it.")
    if result.uln is not None:
        by_limit = _multiple(term, result.value, result.uln, "ULN", ONE, False, ULN["creatinine"])
    if not baseline or (version == "6.0" and (result.lln is None or baseline >= result.lln)):
        return by_limit
    by_baseline = _multiple(term, result.value, baseline, "baseline", D("1.5"), False, (D("1.5"), D(3)))
    return by_baseline if (by_baseline.grade or 0) > (by_limit.grade or 0) else by_limit


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter (docs/validation.md). Without test or unit the grade is null, not an error."""
    version, test, unit = (_word(line, name) for name in ("version", "test", "unit"))
    given = {name: _number(line, name) for name in ("value", "lln", "uln", "baseline")}
    value = given.pop("value")
    if test is not None and test not in TESTS:
        raise ValueError(f"test: must be one of {', '.join(TESTS)}, got {test!r}")
    if test is None or unit is None:
        missing = "test" if test is None else "unit"
        found = Proposal(None, None, f"{missing}: is needed to grade a value.")
    elif value is None:
        raise ValueError("value: is needed")
    else:
        found = propose(test, unit.replace("µ", "u").replace("μ", "u"), Result(value=value, **given), version or "5.0")
    needs = [{"question": need.question, "grade": need.grade} for need in found.needs]
    return {"term": found.term, "grade": found.grade, "needs": needs, "because": found.because}


def _word(line: dict[str, Any], name: str) -> str | None:
    said = line.get(name)
    if said is not None and not isinstance(said, str):
        raise ValueError(f"{name}: must be text, got {said!r}")
    return said


def _number(line: dict[str, Any], name: str) -> Decimal | None:
    said = line.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        raise ValueError(f"{name}: must be a number, got {said!r}")
    return Decimal(said)


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)
