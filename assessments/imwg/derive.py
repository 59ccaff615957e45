"""The category of one assessment from its values (docs/domain.md, section 7). Pure.

Each parameter says the best category that it allows, and the weakest decides. Percentages are compared as exact
fractions; only sentences show them rounded. A value below a limit allows what everything that it may be allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from trial.percentages import percent_text

from .amount import Amount
from .measure import Start, gone, normal_ratio, start
from .progress import HYPERCALCAEMIA, diameter_asked, progressions, stands_risen
from .sight import NAMES, Finding, Sight, Sights, amount_text, number, said
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
FIXATION = {"serum_m": "ife_serum", "urine_m": "ife_urine"}


@dataclass(frozen=True, slots=True)
class Derived:
    """One assessment with its category."""

    assessment: Assessment
    finding: Finding
    change: Fraction | None  # % from baseline of the parameter followed
    hypercalcaemia: bool
    no_pd: bool = False  # NE, for nothing was measurable, but a progression would have been seen
    asks: tuple[str, ...] = ()


def derive(
    baseline: Values | None, assessments: Sequence[Assessment], settings: CategorySettings
) -> tuple[Start, list[Derived]]:
    """Each assessment's category, by date. Confirmation is another question (confirm)."""
    started = start(baseline, settings)
    ordered = sorted(assessments, key=_on)
    sights = Sights(started, ordered, settings)
    return started, [_derived(one, sights.of(one)) for one in ordered]


def category_of(one: Assessment, started: Start, earlier: Sequence[Assessment], settings: CategorySettings) -> Finding:
    """The category of one more assessment after `earlier` ones."""
    return _category(Sights(started, sorted([*earlier, one], key=_on), settings).of(one))


def _on(one: Assessment) -> date:
    return one.date


def _derived(one: Assessment, sight: Sight) -> Derived:
    if one.response is not None:
        source = (one.pd_source or PdSource.LABORATORY) if one.response is R.PD else None
        given = Finding(one.response, None, "As given.", source)
        return Derived(one, given, None, False, one.no_pd and one.response is R.NE)
    found, calcium = _category(sight), sight.now("calcium")
    return Derived(
        assessment=one,
        finding=found,
        change=_change(sight),
        hypercalcaemia=calcium is not None and calcium.over(HYPERCALCAEMIA),
        no_pd=found.response is R.NE and sight.start.decides is None and sight.as_at_baseline,
        asks=tuple(_asks(sight)),
    )


def _change(sight: Sight) -> Fraction | None:
    """Of a value below a limit what is sure; what electrophoresis does not see is gone."""
    name = sight.start.followed
    if name is None:
        return None
    value, base = sight.now(name), sight.start.amount(name)
    if value is None or base is None or not base.least:
        return None
    now = Fraction(0) if name in FIXATION and sight.unseen(name) else value.most
    return (now - base.least) / base.least * 100


def _asks(sight: Sight) -> list[str]:
    """What the site is asked: contradictions, and what is missing although it could show a progression."""
    found = [one.because for name in FIXATION for one in _spike(sight, name)]
    if diameter_asked(sight):
        found.append("One plasmacytoma progresses by its longest diameter, which is missing.")
    lesions, before = sight.values.lesions, sight.start.values.lesions
    if lesions is not None and before is not None and lesions > before and sight.values.new_lesion is None:
        found.append(f"{lesions} plasmacytomas, {before} at baseline: say whether one is new.")
    return found


def _category(sight: Sight) -> Finding:
    if sight.values.empty:
        return Finding(R.NE, None, "Nothing was measured.")
    if found := progressions(sight):
        return found[0]
    if sight.start.decides is None:
        seen = "No progression is seen." if sight.as_at_baseline else "What was measured then was not measured again."
        return Finding(R.NE, None, f"Nothing was measurable at baseline. {seen}")
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
    """Measurable: it must respond. Not measurable: only VGPR and CR ask for it."""
    name = "serum_m"
    if sight.unseen(name):
        return _not_seen(sight, name)
    if name in sight.start.measurable:
        return _fall(sight, name)
    value, base = sight.now(name), sight.start.amount(name)
    if value is None:
        return Finding(R.PR, name, "Serum M-protein is missing: VGPR and better need it.")
    if value.zero or (base is not None and _fallen(value, base, 90)):
        return None
    return Finding(R.PR, name, f"{said(name, value)}: VGPR asks that it is gone or down by 90 %.")


def _urine(sight: Sight) -> Finding | None:
    """Measurable: it must respond. Not measurable: only VGPR and CR ask for it."""
    name = "urine_m"
    if sight.unseen(name):
        return _not_seen(sight, name)
    value = sight.now(name)
    if name not in sight.start.measurable:
        if value is None:
            return Finding(R.PR, name, "Urine M-protein is missing: VGPR and better need it.")
        if value.under(URINE_VGPR):
            return None
        return Finding(R.PR, name, f"{said(name, value)}: VGPR asks for less than {URINE_VGPR}.")
    found = _fall(sight, name)
    base = sight.start.amount(name)
    if value is None or base is None:
        return found
    if found.response is not R.PR and value.under(URINE_PR) and base.at_least(URINE_PR):
        found = Finding(R.PR, name, f"{said(name, value)}: below {URINE_PR}.")
    if found.response is R.PR and value.under(URINE_VGPR):
        return Finding(R.SCR, name, f"{said(name, value)}: below {URINE_VGPR}.")
    return found


def _not_seen(sight: Sight, name: str) -> Finding | None:
    """Below the limit of electrophoresis it allows every category; where it was measurable the sentence is told."""
    value = sight.now(name)
    if value is None or name not in sight.start.measurable:
        return None
    only = getattr(sight.values, FIXATION[name]) == "positive"
    seen = "seen by immunofixation only" if only else "not seen on electrophoresis"
    return Finding(R.SCR, name, f"{said(name, value)}: {seen}.")


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


def _fallen(value: Amount, base: Amount, percent: int) -> bool:
    """Fallen by so much, whatever the two may be; from a baseline that may be 0 nothing falls."""
    return base.least > 0 and value.at_most(base.least * (100 - percent) / 100)


def _fall(sight: Sight, name: str) -> Finding:
    """A fall below all of FALLS is SD."""
    value, base = sight.now(name), sight.start.amount(name)
    label = NAMES[name][0]
    if value is None:
        return Finding(R.NE, name, f"{label}, measurable at baseline, is missing.")
    if base is None or not base.least:
        why = "missing" if base is None else "zero" if base.zero else "below a limit"
        return Finding(R.NE, name, f"{label} cannot be compared: its baseline is {why}.")
    allowed = next((r for percent, r in FALLS[name] if _fallen(value, base, percent)), R.SD)
    return Finding(allowed, name, f"{said(name, value)}: {_fall_words(value, base)} from {amount_text(base)}.")


def _fall_words(value: Amount, base: Amount) -> str:
    fall = (base.least - value.most) / base.least * 100
    if value.exact and base.exact:
        return f"a fall of {percent_text(fall)}" if fall > 0 else "no fall"
    if fall > 0 or (fall == 0 and value.below):
        return f"a fall of more than {percent_text(fall)}"
    return "no certain fall"


def _plasmacytoma(sight: Sight) -> list[Finding]:
    """Present at baseline, they must have fallen by 50 %; until they are measured again they have not."""
    if not sight.start.plasmacytoma:
        return []
    base, value = sight.start.amount("spd"), sight.now("spd")
    if value is None:
        return [Finding(R.SD, "spd", "Plasmacytomas of baseline were not measured again.")]
    if value.zero or (base is not None and _fallen(value, base, 50)):
        return []
    since = "what baseline may have been" if base is None or not base.exact else number(base.most)
    return [Finding(R.SD, "spd", f"{said('spd', value)}: not 50 % below {since}.")]


def _spike(sight: Sight, name: str) -> list[Finding]:
    """An M-protein that is measured, or may be, beside a negative immunofixation of the same sample."""
    value = sight.now(name)
    if value is None or getattr(sight.values, FIXATION[name]) != "negative" or gone(name, sight.values):
        return []
    return [Finding(R.VGPR, name, f"{said(name, value)} beside a negative immunofixation: VGPR at most.")]


def _complete(sight: Sight) -> list[Finding]:
    """What CR asks for beside the fall: each thing that is missing or not so allows VGPR at most."""
    found = []
    for name, word in (("serum_m", "Serum"), ("urine_m", "Urine")):
        seen = getattr(sight.values, FIXATION[name])
        if seen != "negative":
            found.append(Finding(R.VGPR, FIXATION[name], f"{word} immunofixation is {seen or 'missing'}."))
        found += _spike(sight, name)
    if _lesion_left(sight):
        found.append(Finding(R.VGPR, "spd", "A soft-tissue plasmacytoma is there."))
    marrow = sight.now("marrow_pc")
    if marrow is None:
        found.append(Finding(R.VGPR, "marrow_pc", "Marrow plasma cells are missing."))
    elif not marrow.under(5):
        found.append(Finding(R.VGPR, "marrow_pc", f"{said('marrow_pc', marrow)}: CR asks for less than 5."))
    if sight.start.decides == "dflc" and not normal_ratio(sight.values):
        found.append(Finding(R.VGPR, "ratio", "CR of light chain disease asks for a normal ratio."))
    return found


def _lesion_left(sight: Sight) -> bool:
    """Whether a plasmacytoma is measured or counted, or was there at baseline and was not looked at again."""
    product, longest = sight.now("spd"), sight.now("longest_diameter")
    if any(one is not None and not one.zero for one in (product, longest)) or sight.standing.lesions:
        return True
    return product is None and sight.start.plasmacytoma


def _stringent(sight: Sight) -> list[Finding]:
    """What sCR asks for beside CR."""
    normal, clonal = normal_ratio(sight.values), sight.standing.marrow_clonal
    found = []
    if not normal:
        found.append(Finding(R.CR, "ratio", f"CR: the free light chain ratio is {_ratio_words(sight.values)}."))
    if clonal is not False:
        word = "was not looked at" if clonal is None else "is there"
        found.append(Finding(R.CR, "marrow_clonal", f"CR: a clonal plasma cell population {word}."))
    return found


def _ratio_words(values: Values) -> str:
    if normal_ratio(values) is False:
        return "not normal"
    chains = values.kappa is not None and values.lambda_ is not None
    return "not certain" if values.ratio is not None or chains else "missing"
