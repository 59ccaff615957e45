"""Words of the biomarker results that several of their parts use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assessments.endpoints.present import Count

Link = Callable[..., Count]  # a number, and by name which patients stand behind it


def split_words(key: str, cuts: Sequence[float] = ()) -> str:
    """ "median (312 ng/mL)", "tertiles (120 and 400 ng/mL)" or "cut-off 300 ng/mL"."""
    at = f" ({' and '.join(ng(cut) for cut in cuts)} ng/mL)" if cuts else ""
    match key:
        case "median":
            return f"median{at}"
        case "tertile":
            return f"tertiles{at}"
        case _:
            return f"cut-off {key.removeprefix('cutoff-')} ng/mL"


def ng(value: float) -> str:
    """A concentration as people write it: at most four figures that matter, never as a power of ten."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def p_words(p: float | None) -> str:
    """A p-value as it is printed; None was not estimable."""
    if p is None:
        return "not estimable"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def ratio_words(row: Mapping[str, Any], ratio: str = "hr") -> str:
    """ "0.59 (0.42–0.82)"; a limit that is infinite is said so."""
    if row[ratio] is None:
        return "not estimable"
    upper = "∞" if row["upper"] is None else f"{row['upper']:.2f}"
    return f"{row[ratio]:.2f} ({row['lower']:.2f}–{upper})"
