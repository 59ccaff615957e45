"""The category of one assessment from its values (docs/domain.md, section 7). Pure.

Each parameter says the best category that it allows, and the weakest decides. Percentages are compared as products
of exact numbers; only sentences show them rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from assessments.imwg_measure import History, Standing, Start, histories, nadir, normal_ratio, start
from assessments.imwg_terms import Assessment, PdSource, Response, ResponseSettings, Values

R = Response
HYPERCALCAEMIA = Fraction("11.5")  # corrected calcium above this, mg/dL
NAMES = {
    "serum_m": ("Serum M-protein", "g/dL"),
    "urine_m": ("Urine M-protein", "mg/24 h"),
    "dflc": ("dFLC", "mg/L"),
    "marrow_pc": ("Marrow plasma cells", "%"),
    "spd": ("Plasmacytomas", "cm²"),
    "longest_diameter": ("Longest diameter", "cm"),
    "circulating_pc_percent": ("Circulating plasma cells", "%"),
    "circulating_pc_per_ul": ("Circulating plasma cells", "/µL"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one parameter says: the best category that it allows, or PD."""

    response: Response
    parameter: str | None
    because: str
    pd_source: PdSource | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """One assessment with its category."""

    assessment: Assessment
    finding: Finding
    change: Fraction | None  # % from baseline of the parameter followed
    hypercalcaemia: bool


def derive(
    baseline: Values | None, assessments: Sequence[Assessment], settings: ResponseSettings
) -> tuple[Start, list[Derived]]:
    """Each assessment's category, by date. Confirmation is another question (imwg_confirm)."""
    started = start(baseline, settings)
    ordered = sorted(assessments, key=lambda one: one.date)
    past = histories(started, ordered)
    standing = _standing(ordered)
    return started, [_derived(one, _Sight(started, one, standing[one.date], past, settings)) for one in ordered]


def _standing(ordered: Sequence[Assessment]) -> dict[date, Standing]:
    """What stands on each date."""
    found: dict[date, Standing] = {}
    standing = Standing()
    for on, group in groupby(ordered, key=lambda one: one.date):
        standing = found[on] = standing.then([one.values for one in group if one.values])
    return found


@dataclass(frozen=True, slots=True)
class _Sight:
    """All that the category of one assessment may depend on."""

    start: Start
    assessment: Assessment
    standing: Standing
    past: dict[str, History]
    settings: ResponseSettings

    @property
    def values(self) -> Values:
        return self.assessment.values or Values()

    def now(self, name: str) -> Fraction | None:
        """This visit's number; of marrow and lesions the one that stands."""
        own = self.start.number(name, self.values)
        if own is None and name in ("marrow_pc", "spd", "longest_diameter"):
            stands = getattr(self.standing, name)
            return None if stands is None else Fraction(stands)
        return own

    def nadir(self, name: str) -> Fraction | None:
        before = self.past[name].before(self.assessment.date)
        return nadir(name, self.start.number(name), before, self.settings)


def _derived(one: Assessment, sight: _Sight) -> Derived:
    if one.response is not None:
        source = (one.pd_source or PdSource.LABORATORY) if one.response is R.PD else None
        return Derived(one, Finding(one.response, None, "As given.", source), None, False)
    calcium = sight.values.calcium
    return Derived(one, _category(sight), _change(sight), calcium is not None and calcium > HYPERCALCAEMIA)


def _change(sight: _Sight) -> Fraction | None:
    name = sight.start.followed
    if name is None:
        return None
    value, base = sight.now(name), sight.start.number(name)
    return (value - base) / base * 100 if value is not None and base else None


def _category(sight: _Sight) -> Finding:
    if sight.values.empty:
        return Finding(R.NE, None, "Nothing was measured.")
    progressions = _progressions(sight)
    if progressions:
        return min(progressions, key=lambda found: found.pd_source is not PdSource.IMAGING)
    if sight.start.decides is None:
        return Finding(R.NE, None, "Nothing was measurable at baseline.")
    return max(_limits(sight), key=lambda found: found.response.rank)


# What a rise means.


def _progressions(sight: _Sight) -> list[Finding]:
    """Every PD that this visit shows. Without anything measurable at baseline only lesions, or circulating cells."""
    decides = sight.start.decides
    found = [_new_lesion(sight), _spd(sight), _diameter(sight)]
    if decides is None:
        if not sight.start.plasmacytoma:
            found.append(_circulating(sight))
    else:
        found += [_rise(sight, "serum_m"), _rise(sight, "urine_m")]
        if decides != "m_protein":
            found.append(_rise(sight, "dflc"))
        if decides == "marrow_pc":
            found.append(_rise(sight, "marrow_pc"))
        found.append(_calcium(sight))
    return [one for one in found if one]


def _rise(sight: _Sight, name: str) -> Finding | None:
    value, low = sight.now(name), sight.nadir(name)
    if value is None or low is None or not _risen(name, value, low):
        return None
    return Finding(R.PD, name, f"{_said(name, value)}: a rise of {number(value - low)} from {number(low)}.", LABORATORY)


LABORATORY = PdSource.LABORATORY


def _risen(name: str, value: Fraction, low: Fraction) -> bool:
    """25 % and the absolute rise; from zero any rise is 25 %."""
    rise = value - low
    if name == "serum_m" and low >= 5:
        return rise >= 1
    enough = {
        "serum_m": rise >= Fraction("0.5"),
        "urine_m": rise >= 200,
        "dflc": rise > 100,
        "marrow_pc": rise >= 10,
    }[name]
    return enough and value * 4 >= low * 5


def _half_more(value: Fraction, low: Fraction) -> bool:
    """Risen by 50 %; from zero by anything."""
    return value > low and value * 2 >= low * 3


def _new_lesion(sight: _Sight) -> Finding | None:
    new = sight.standing.new_lesion if sight.values.new_lesion is None else sight.values.new_lesion
    return Finding(R.PD, "new_lesion", "A new lesion.", PdSource.IMAGING) if new else None


def _spd(sight: _Sight) -> Finding | None:
    value, low = sight.now("spd"), sight.nadir("spd")
    if value is None or low is None or not _half_more(value, low):
        return None
    return Finding(R.PD, "spd", f"{_said('spd', value)}: at least 50 % above {number(low)}.", PdSource.IMAGING)


def _diameter(sight: _Sight) -> Finding | None:
    """Of a lesion that was above 1 cm in its short axis; one first measured here by what it is here."""
    name = "longest_diameter"
    value, low = sight.now(name), sight.nadir(name)
    axes = [*sight.past["short_axis"].before(sight.assessment.date)]
    known = sight.start.number("short_axis")
    earlier = [*([] if known is None else [known]), *axes]
    axis = earlier[-1] if earlier else sight.now("short_axis")
    if value is None or low is None or axis is None or axis <= 1 or not _half_more(value, low):
        return None
    return Finding(R.PD, name, f"{_said(name, value)}: at least 50 % above {number(low)}.", PdSource.IMAGING)


def _circulating(sight: _Sight) -> Finding | None:
    """The only measure of this patient: 50 % more, by count or by share, and at least 200/µL."""
    count = sight.now("circulating_pc_per_ul")
    if count is None or count < 200:
        return None
    for name in ("circulating_pc_per_ul", "circulating_pc_percent"):
        value, low = sight.now(name), sight.nadir(name)
        if value is not None and low is not None and _half_more(value, low):
            return Finding(R.PD, name, f"{_said(name, value)}: at least 50 % above {number(low)}.", LABORATORY)
    return None


def _calcium(sight: _Sight) -> Finding | None:
    calcium = sight.values.calcium
    if not sight.settings.hypercalcaemia_is_pd or calcium is None or calcium <= HYPERCALCAEMIA:
        return None
    return Finding(R.PD, "calcium", f"Corrected calcium {calcium} mg/dL, above 11.5.", LABORATORY)


# What a fall is worth.


def _limits(sight: _Sight) -> list[Finding]:
    """The best category that each parameter allows, the deciding ones first."""
    complete = _complete(sight)
    remission = all(one.response.at_least(R.CR) for one in complete)
    decides = sight.start.decides
    if decides == "m_protein":
        found = [_serum(sight), _urine(sight)]
    elif decides == "dflc":
        # A normal ratio is what CR asks of light chains, however far they had to fall.
        found = [_dflc(sight, remission)]
    else:
        found = [_marrow(sight, remission)]
    return [one for one in [*found, _plasmacytoma(sight), *complete, *_stringent(sight)] if one]


def _serum(sight: _Sight) -> Finding | None:
    if "serum_m" not in sight.start.measurable:
        return None
    return _fall(sight, "serum_m", [(90, R.SCR), (50, R.PR), (25, R.MR)])


def _urine(sight: _Sight) -> Finding | None:
    """Measurable: it must respond. Not measurable: only VGPR and CR ask for it."""
    name = "urine_m"
    value = sight.now(name)
    if name not in sight.start.measurable:
        if value is None:
            return Finding(R.PR, name, "Urine M-protein is missing: VGPR and better need it.")
        return None if value < 100 else Finding(R.PR, name, f"{_said(name, value)}: VGPR asks for less than 100.")
    found = _fall(sight, name, [(90, R.PR), (50, R.MR)])
    base = sight.start.number(name)
    if value is None or base is None:
        return found
    if found.response is not R.PR and value < 200 <= base:
        found = Finding(R.PR, name, f"{_said(name, value)}: below 200.")
    if found.response is R.PR and value < 100:
        return Finding(R.SCR, name, f"{_said(name, value)}: below 100.")
    return found


def _dflc(sight: _Sight, remission: bool) -> Finding:
    found = _fall(sight, "dflc", [(90, R.SCR), (50, R.PR)])
    if remission and found.response is not R.NE:
        return Finding(R.SCR, "dflc", "The free light chain ratio is normal.")
    return found


def _marrow(sight: _Sight, remission: bool) -> Finding:
    """50 % is PR; between that and CR nothing is defined for marrow."""
    return _fall(sight, "marrow_pc", [(50, R.SCR if remission else R.PR)])


def _fall(sight: _Sight, name: str, steps: Sequence[tuple[int, Response]]) -> Finding:
    """steps: (fall in %, category it allows), the highest first. A fall below all of them is SD."""
    value, base = sight.now(name), sight.start.number(name)
    label = NAMES[name][0]
    if value is None:
        return Finding(R.NE, name, f"{label}, measurable at baseline, is missing.")
    if not base:
        return Finding(R.NE, name, f"{label} cannot be compared: its baseline is {'zero' if base == 0 else 'missing'}.")
    allowed = next((r for percent, r in steps if value * 100 <= base * (100 - percent)), R.SD)
    fall = (base - value) / base * 100
    word = f"a fall of {percent_text(fall)}" if fall > 0 else "no fall"
    return Finding(allowed, name, f"{_said(name, value)}: {word} from {number(base)}.")


def _plasmacytoma(sight: _Sight) -> Finding | None:
    """Present at baseline, they must have fallen by 50 %; until they are looked at again they have not."""
    if not sight.start.plasmacytoma:
        return None
    value, base = sight.now("spd"), sight.start.number("spd")
    if value is None:
        return Finding(R.SD, "spd", "Plasmacytomas of baseline were not measured again.")
    assert base is not None
    if value * 2 <= base:
        return None
    return Finding(R.SD, "spd", f"{_said('spd', value)}: not 50 % below {number(base)}.")


def _complete(sight: _Sight) -> list[Finding]:
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
        found.append(Finding(R.VGPR, "marrow_pc", f"{_said('marrow_pc', marrow)}: CR asks for less than 5."))
    if sight.start.decides == "dflc" and not normal_ratio(sight.values):
        found.append(Finding(R.VGPR, "ratio", "CR of light chain disease asks for a normal ratio."))
    return found or [Finding(R.SCR, None, "Complete remission.")]


def _stringent(sight: _Sight) -> list[Finding]:
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


# Words.


def _said(name: str, value: Fraction) -> str:
    label, unit = NAMES[name]
    return f"{label} {number(value)} {unit}"


def number(value: Fraction) -> str:
    """A decimal as a person would write it; what needs more than six decimals is cut there."""
    whole, rest = divmod(abs(value), 1)
    text = f"{int(whole)}.{int(rest * 10**6):06d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and text != "0" else text


def percent_text(value: Fraction) -> str:
    """Cut, not rounded, after one decimal: a fall of 49.99 % must not read as 50."""
    return f"{number(Fraction(int(value * 10), 10))} %"
