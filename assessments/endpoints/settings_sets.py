"""The settings that endpoints are computed under: the protocol's, and beside them two sensitivity analyses.

Which settings these turn, and for what: docs/domain.md, section 8, and docs/decisions/2026-11-29-response-readings.md.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from django.http import Http404

from trial.protocol_settings import ProtocolSettings

from ..imwg.terms import ResponseSettings

PRIMARY, S1, S2 = "primary", "s1", "s2"
NAMES = {PRIMARY: "Primary", S1: "S1 (treatment policy)", S2: "S2 (first biochemical progression)"}
WHAT = {
    S1: "Deaths and progressions after new therapy or missed visits all count.",
    S2: "The first progression by laboratory values counts, without a second value.",
}

# What each turns, whatever the protocol says; the times in OF follow it, everything else keeps the protocol's rule.
TURNED: dict[str, dict[str, Any]] = {
    S1: {"new_therapy": "ignore", "missed_assessments": None},
    S2: {"pd_confirmation": False},
}
OF = ("TTP", "PFS")
ONLY = (
    "These settings are those of TTP and PFS; response, time to response, its duration and overall survival keep the "
    "primary ones."
)

# Every setting that an endpoint depends on (docs/domain.md, sections 7 and 8): stored with a run, printed under it.
ENDPOINT_SETTINGS = ("denominator", *(field.name for field in fields(ResponseSettings)))


def sets(settings: ProtocolSettings) -> dict[str, ProtocolSettings]:
    """The sets by name, the protocol's own first."""
    return {PRIMARY: settings} | {name: replace(settings, **turned) for name, turned in TURNED.items()}


def chosen(asked: str) -> str:
    """The set that a page is asked for; of nothing, and of what its form refuses, the primary one."""
    return asked if asked in NAMES else PRIMARY


def named(asked: str) -> str:
    """The same where no form refuses it. Raises Http404: the results of another set would stand under the name."""
    if asked and asked not in NAMES:
        raise Http404("No such settings.")
    return chosen(asked)


def others(name: str) -> list[tuple[str, str]]:
    """The sets that a page of one leads to, each with its name in words."""
    return [(other, words) for other, words in NAMES.items() if other != name]


def called(name: str) -> str:
    """A set within a sentence; one of an earlier version by the name that it was stored under."""
    return "primary" if name == PRIMARY else NAMES.get(name, name)


def stored(settings: ProtocolSettings) -> dict[str, Any]:
    """The endpoint settings as they stand with a run: decimals as text."""
    said = settings.as_json()
    return {name: said[name] for name in ENDPOINT_SETTINGS}


_DENOMINATOR = {"all_treated": "all treated patients", "response_evaluable": "response-evaluable patients"}


def under(name: str, stored: Mapping[str, Any]) -> list[str]:
    """The settings of a run of that name as sentences for under its figures."""
    return [*([f"{WHAT[name]} {ONLY}"] if name in WHAT else []), *words(stored)]


def words(stored: Mapping[str, Any]) -> list[str]:
    """Settings as sentences, with the strategy for each intercurrent event as ICH E9(R1) names them."""
    s = stored
    longest, missed = s["max_confirmation_days"], s["missed_assessments"]
    return [
        f"Denominator of ORR and CBR: {_DENOMINATOR[s['denominator']]}.",
        f"First response and duration count from the first confirmed response of {s['response_threshold']} or better.",
        "Progression by laboratory values needs a second value. "
        "The death from myeloma before another assessment stands as one."
        if s["pd_confirmation"]
        else "The first progression counts, also by laboratory values alone.",
        "An assessment that is not evaluable is skipped between a confirming pair."
        if s["ne"] == "skip"
        else "An assessment that is not evaluable breaks a confirming pair.",
        f"A confirming pair lies at most {longest} days apart."
        if longest
        else "No longest interval of a confirming pair.",
        f"Nadir: the lowest {'confirmed ' if s['nadir'] == 'confirmed' else ''}value.",
        "New anti-myeloma therapy before progression censors TTP, PFS and duration of response "
        "(hypothetical strategy); a response after it does not count (while on treatment)."
        if s["new_therapy"] == "censor"
        else "New anti-myeloma therapy is ignored (treatment policy).",
        f"{missed} or more missed assessments before progression or death censor at the last one before "
        "(hypothetical strategy)."
        if missed
        else "Missed assessments before progression or death are counted all the same (treatment policy).",
        "Death from any cause is an event of PFS (composite strategy).",
        "Death without progression "
        + (
            "censors the duration of response (hypothetical strategy)."
            if s["dor_death"] == "censor"
            else "ends the duration of response (composite strategy)."
        ),
        "Death from myeloma without recorded progression "
        + (
            "censors TTP and duration (hypothetical strategy)."
            if s["ttp_myeloma_death"] == "censor"
            else "is an event of TTP and of duration (composite strategy)."
        ),
        f"Assessments every {s['assessment_interval_days']} days, window {s['assessment_window_days']} days.",
        f"Measurable: serum M-protein {s['measurable_serum']} g/dL, urine {s['measurable_urine']} mg/24 h, "
        f"free light chains {s['measurable_flc']} mg/L, marrow {s['measurable_marrow']} %.",
        "Hypercalcaemia counts as progression."
        if s["hypercalcaemia_is_pd"]
        else "Hypercalcaemia alone is no progression.",
    ]
