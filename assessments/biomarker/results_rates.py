"""Response by the value at baseline in the biomarker results: ORR and CBR of high against low, values by response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.endpoints.present import Count, rate_words

from .results_words import Link, ng, p_words, ratio_words, split_words

HALVES = ("high", "low")


@dataclass(frozen=True, slots=True)
class FisherRow:
    split: str
    source: str
    rate: str
    groups: Sequence[Count]  # in the order of HALVES
    test: str


@dataclass(frozen=True, slots=True)
class ResponseValues:
    best: str
    n: Count
    median: str
    range: str


def fisher(row: Mapping[str, Any], rate: str, link: Link, among: Mapping[str, str]) -> FisherRow:
    """rate: orr or cbr; among: narrows the patients behind a number to the denominator of the rate."""
    found = row["rates"][rate]
    test = found["because"] or f"{p_words(found['p'])}; odds ratio {_odds(found)}"
    return FisherRow(
        split=split_words(row["split"], row["cuts"]),
        source=row["source"],
        rate=rate.upper(),
        groups=[
            link(rate_words(found["rates"][name]), group=f"{row['split']}:{name}", rate=rate, **among)
            for name in HALVES
        ]
        if row["groups"]
        else [],
        test=test,
    )


def _odds(found: Mapping[str, Any]) -> str:
    """The conditional odds ratio; where nobody of a group is without the response it is infinite, as R says."""
    if found["odds_ratio"] is None:
        return f"∞ ({found['lower']:.2f}–∞)"
    return ratio_words(found, "odds_ratio")


def values(row: Mapping[str, Any], link: Link) -> ResponseValues:
    """Values at baseline of the patients whose best confirmed response is the row's."""
    return ResponseValues(
        best=row["best"],
        n=link(row["n"], which="treated", best=row["best"]),
        median=ng(row["median"]),
        range=f"{ng(row['least'])}–{ng(row['most'])}",
    )
