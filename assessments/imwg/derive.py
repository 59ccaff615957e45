"""The category of one assessment from its values (docs/domain.md, section 7). Pure.

Each parameter says the best category that it allows, and the weakest decides. Percentages are compared as exact
fractions; only sentences show them cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import groupby

from .measure import Standing, Start, histories, normal_ratio, start
from .progress import HYPERCALCAEMIA, progressions, stands_risen
from .sight import NAMES, Finding, Sight, number, percent_text, said
from .terms import Assessment, CategorySettings, PdSource, Response, Values

R = Response

# The fall from baseline in % and the best category that it allows, the highest first; sCR sets no limit.
FALLS: dict[str, tuple[tuple[int, Response], ...]] = {
    "serum_m": ((90, R.SCR), (50, R.PR), (25, R.MR)),
    "urine_m": ((90, R.PR), (50, R.MR)),
    "dflc": ((90, R.SCR), (50, R.PR)),
    "marrow_pc": ((50, R.PR),),
}
URINE_PR, URINE_VGPR = 200, 100  # mg/24 h: below these, whatever the fall


@dataclass(frozen=True, slots=True)
class Derived:
    """One assessment with its category."""

    assessment: Assessment
    finding: Finding
    change: Fraction | None  # % from baseline of the parameter followed
    hypercalcaemia: bool


def derive(
    baseline: Values | None, assessments: Sequence[Assessment], settings: CategorySettings
) -> tuple[Start, list[Derived]]:
    """Each assessment's category, by date. Confirmation is another question (imwg_confirm)."""
    started = start(baseline, settings)
    ordered = sorted(assessments, key=lambda one: one.date)
    past = histories(started, ordered)
    standing = _standing(ordered)
    return started, [_derived(one, Sight(started, one, standing[one.date], past, settings)) for one in ordered]


def category_of(one: Assessment, started: Start, earlier: Sequence[Assessment], settings: CategorySettings) -> Finding:
    """The category of one more assessment after `earlier` ones."""
    ordered = sorted([*earlier, one], key=lambda other: other.date)
    standing = _standing(ordered)[one.date]
    return _category(Sight(started, one, standing, histories(started, ordered), settings))


def _standing(ordered: Sequence[Assessment]) -> dict[date, Standing]:
    """What stands on each date."""
    found: dict[date, Standing] = {}
    standing = Standing()
    for on, group in groupby(ordered, key=lambda one: one.date):
        standing = found[on] = standing.then([one.values for one in group if one.values])
    return found


def _derived(one: Assessment, sight: Sight) -> Derived:
    if one.response is not None:
        source = (one.pd_source or PdSource.LABORATORY) if one.response is R.PD else None
        return Derived(one, Finding(one.response, None, "As given.", source), None, False)
    calcium = sight.values.calcium
    return Derived(one, _category(sight), _change(sight), calcium is not None and calcium > HYPERCALCAEMIA)


def _change(sight: Sight) -> Fraction | None:
    name = sight.start.followed
    if name is None:
        return None
    value, base = sight.now(name), sight.start.number(name)
    return (value - base) / base * 100 if value is not None and base else None


def _category(sight: Sight) -> Finding:
    if sight.values.empty:
        return Finding(R.NE, None, "Nothing was measured.")
    if found := progressions(sight):
        return min(found, key=lambda one: one.pd_source is not PdSource.IMAGING)
    if sight.start.decides is None:
        return Finding(R.NE, None, "Nothing was measurable at baseline.")
    return _weakest(sight)


# What a fall is worth.


def _weakest(sight: Sight) -> Finding:
    """The weakest of what decides, with the sentences about the falls before its own."""
    complete = _complete(sight)
    decides = sight.start.decides
    if decides == "m_protein":
        falls = [_serum(sight), _urine(sight)]
    elif decides == "dflc":
        falls = [_dflc(sight, in_remission=not complete)]
    else:
        falls = [_marrow(sight, in_remission=not complete)]
    deciding = [one for one in falls if one]
    found = max([*deciding, *_plasmacytoma(sight), *complete, *_stringent(sight)], key=lambda one: one.response.rank)
    if found.response is R.NE:
        return found
    because = dict.fromkeys([*(one.because for one in deciding), found.because])
    if found.response is R.SCR:
        because["Nothing that sCR asks for is missing."] = None
    return Finding(found.response, found.parameter, " ".join(because))


def _serum(sight: Sight) -> Finding | None:
    if "serum_m" not in sight.start.measurable:
        return None
    return _fall(sight, "serum_m")


def _urine(sight: Sight) -> Finding | None:
    """Measurable: it must respond. Not measurable: only VGPR and CR ask for it."""
    name = "urine_m"
    value = sight.now(name)
    if name not in sight.start.measurable:
        if value is None:
            return Finding(R.PR, name, "Urine M-protein is missing: VGPR and better need it.")
        if value < URINE_VGPR:
            return None
        return Finding(R.PR, name, f"{said(name, value)}: VGPR asks for less than {URINE_VGPR}.")
    found = _fall(sight, name)
    base = sight.start.number(name)
    if value is None or base is None:
        return found
    if found.response is not R.PR and value < URINE_PR <= base:
        found = Finding(R.PR, name, f"{said(name, value)}: below {URINE_PR}.")
    if found.response is R.PR and value < URINE_VGPR:
        return Finding(R.SCR, name, f"{said(name, value)}: below {URINE_VGPR}.")
    return found


def _dflc(sight: Sight, *, in_remission: bool) -> Finding:
    found = _fall(sight, "dflc")
    if in_remission and found.response is not R.NE:
        return Finding(R.SCR, "dflc", "The free light chain ratio is normal.")
    return found


def _marrow(sight: Sight, *, in_remission: bool) -> Finding:
    """50 % is PR; between that and CR nothing is defined for marrow. A rise that only stands says nothing new."""
    if stands_risen(sight):
        return Finding(R.NE, "marrow_pc", "Marrow plasma cells had risen and were not measured again.")
    found = _fall(sight, "marrow_pc")
    return replace(found, response=R.SCR) if in_remission and found.response is R.PR else found


def _fall(sight: Sight, name: str) -> Finding:
    """A fall below all of FALLS is SD."""
    value, base = sight.now(name), sight.start.number(name)
    label = NAMES[name][0]
    if value is None:
        return Finding(R.NE, name, f"{label}, measurable at baseline, is missing.")
    if not base:
        return Finding(R.NE, name, f"{label} cannot be compared: its baseline is {'zero' if base == 0 else 'missing'}.")
    fall = (base - value) / base * 100
    allowed = next((r for percent, r in FALLS[name] if fall >= percent), R.SD)
    word = f"a fall of {percent_text(fall)}" if fall > 0 else "no fall"
    return Finding(allowed, name, f"{said(name, value)}: {word} from {number(base)}.")


def _plasmacytoma(sight: Sight) -> list[Finding]:
    """Present at baseline, they must have fallen by 50 %; until they are measured again they have not."""
    base, value = sight.start.number("spd"), sight.now("spd")
    if not base:
        return []
    if value is None:
        return [Finding(R.SD, "spd", "Plasmacytomas of baseline were not measured again.")]
    if value * 2 <= base:
        return []
    return [Finding(R.SD, "spd", f"{said('spd', value)}: not 50 % below {number(base)}.")]


def _complete(sight: Sight) -> list[Finding]:
    """What CR asks for beside the fall: each thing that is missing or not so allows VGPR at most."""
    found = []
    for name, word in (("ife_serum", "Serum"), ("ife_urine", "Urine")):
        seen = getattr(sight.values, name)
        if seen != "negative":
            found.append(Finding(R.VGPR, name, f"{word} immunofixation is {seen or 'missing'}."))
    spd = sight.now("spd")
    if spd or (spd is None and sight.start.plasmacytoma):
        found.append(Finding(R.VGPR, "spd", "A soft-tissue plasmacytoma is there."))
    marrow = sight.now("marrow_pc")
    if marrow is None:
        found.append(Finding(R.VGPR, "marrow_pc", "Marrow plasma cells are missing."))
    elif marrow >= 5:
        found.append(Finding(R.VGPR, "marrow_pc", f"{said('marrow_pc', marrow)}: CR asks for less than 5."))
    if sight.start.decides == "dflc" and not normal_ratio(sight.values):
        found.append(Finding(R.VGPR, "ratio", "CR of light chain disease asks for a normal ratio."))
    return found


def _stringent(sight: Sight) -> list[Finding]:
    """What sCR asks for beside CR."""
    normal, clonal = normal_ratio(sight.values), sight.standing.marrow_clonal
    found = []
    if not normal:
        word = "missing" if normal is None else "not normal"
        found.append(Finding(R.CR, "ratio", f"CR: the free light chain ratio is {word}."))
    if clonal is not False:
        word = "was not looked at" if clonal is None else "is there"
        found.append(Finding(R.CR, "marrow_clonal", f"CR: a clonal plasma cell population {word}."))
    return found
