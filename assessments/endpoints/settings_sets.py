"""The settings that endpoints are computed under: the protocol's, and a named alternative as sensitivity analysis.

Which settings the alternative turns, and why these: docs/decisions/2026-11-24-endpoint-runs.md.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from trial.protocol_settings import ProtocolSettings

from ..imwg.terms import ResponseSettings

PRIMARY, SENSITIVITY = "primary", "sensitivity"
NAMES = {PRIMARY: "Primary", SENSITIVITY: "Sensitivity"}

# Every setting that an endpoint depends on (docs/domain.md, sections 7 and 8): stored with a run, printed under it.
ENDPOINT_SETTINGS = ("denominator", *(field.name for field in fields(ResponseSettings)))

# Both values of what the analysis turns; the one that the protocol does not use is the alternative.
TURNED: dict[str, tuple[object, object]] = {
    "denominator": ("all_treated", "response_evaluable"),
    "pd_confirmation": (True, False),
    "new_therapy": ("censor", "ignore"),
    "missed_assessments": (None, 2),
    "dor_death": ("censor", "event"),
    "ttp_myeloma_death": ("censor", "event"),
}


def sets(settings: ProtocolSettings) -> dict[str, ProtocolSettings]:
    """The sets by name, the protocol's own first."""
    other: dict[str, Any] = {
        name: second if getattr(settings, name) == first else first for name, (first, second) in TURNED.items()
    }
    return {PRIMARY: settings, SENSITIVITY: replace(settings, **other)}


def chosen(asked: str) -> str:
    """The set that a page is asked for; anything unknown is the primary one."""
    return asked if asked in NAMES else PRIMARY


def stored(settings: ProtocolSettings) -> dict[str, Any]:
    """The endpoint settings as they stand with a run: decimals as text."""
    said = settings.as_json()
    return {name: said[name] for name in ENDPOINT_SETTINGS}


_DENOMINATOR = {"all_treated": "all treated patients", "response_evaluable": "response-evaluable patients"}


def words(stored: Mapping[str, Any]) -> list[str]:
    """The settings of a run as sentences for under its figures."""
    s = stored
    longest, missed = s["max_confirmation_days"], s["missed_assessments"]
    return [
        f"Denominator of ORR and CBR: {_DENOMINATOR[s['denominator']]}.",
        f"First response and duration count from the first confirmed response of {s['response_threshold']} or better.",
        "Progression by laboratory values needs a second value."
        if s["pd_confirmation"]
        else "The first progression counts, also by laboratory values alone.",
        "An assessment that is not evaluable is skipped between a confirming pair."
        if s["ne"] == "skip"
        else "An assessment that is not evaluable breaks a confirming pair.",
        f"A confirming pair lies at most {longest} days apart."
        if longest
        else "No longest interval of a confirming pair.",
        f"Nadir: the lowest {'confirmed ' if s['nadir'] == 'confirmed' else ''}value.",
        "New anti-myeloma therapy before progression censors TTP, PFS, response and its duration."
        if s["new_therapy"] == "censor"
        else "New anti-myeloma therapy is ignored.",
        f"{missed} or more missed assessments before progression or death censor at the last one before."
        if missed
        else "Missed assessments before progression or death are counted all the same.",
        f"Death without progression {'censors' if s['dor_death'] == 'censor' else 'ends'} the duration of response.",
        "Death from myeloma without recorded progression "
        + (
            "censors TTP and duration." if s["ttp_myeloma_death"] == "censor" else "is an event of TTP and of duration."
        ),
        f"Assessments every {s['assessment_interval_days']} days, window {s['assessment_window_days']} days.",
        f"Measurable: serum M-protein {s['measurable_serum']} g/dL, urine {s['measurable_urine']} mg/24 h, "
        f"free light chains {s['measurable_flc']} mg/L, marrow {s['measurable_marrow']} %.",
        "Hypercalcaemia counts as progression."
        if s["hypercalcaemia_is_pd"]
        else "Hypercalcaemia alone is no progression.",
    ]
