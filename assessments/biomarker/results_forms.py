"""Which of a biomarker run's patients are shown, and how each is told: what the numbers of the page link to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from assessments.endpoints import settings_sets
from assessments.endpoints.forms import IN_RATE, RATES
from assessments.endpoints.present import ENDPOINTS

from ..imwg.terms import Response
from .results_groups import GROUPS, SHOWN_TIMES
from .results_words import ng, split_words

ANY = ("", "Any")
WHICH = {
    "measured": "With any value",
    "baseline": "With a value at baseline",
    "treated": "Treated, with a value at baseline",
    "response_evaluable": "Response-evaluable, with a value at baseline",
}


class ResultPatients(forms.Form):
    """assays: of the run's result, whose places are the choices of `assay`."""

    settings = forms.ChoiceField(required=False, choices=list(settings_sets.NAMES.items()), label="Settings")
    assay = forms.ChoiceField(required=False, label="Assay")
    which = forms.ChoiceField(required=False, choices=[ANY, *WHICH.items()], label="Has")
    group = forms.ChoiceField(required=False, label="Group")
    best = forms.ChoiceField(
        required=False, choices=[ANY, *((r, r) for r in Response)], label="Best confirmed response"
    )
    rate = forms.ChoiceField(required=False, choices=[ANY, *RATES.items()], label="Counts as")
    time = forms.ChoiceField(
        required=False, choices=[ANY, *((key, ENDPOINTS[key].name) for key in SHOWN_TIMES)], label="Endpoint"
    )
    event = forms.ChoiceField(
        required=False, choices=[ANY, ("1", "with the event"), ("0", "censored")], label="Which ended"
    )
    after = forms.ChoiceField(
        required=False,
        choices=[ANY, *((key, f"for {ENDPOINTS[key].name.lower()}") for key in SHOWN_TIMES)],
        label="Followed beyond the landmark",
    )

    def __init__(self, *args: Any, assays: Sequence[Mapping[str, Any]], landmark: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.landmark = landmark
        self._choose("assay", [(str(k), assay["name"]) for k, assay in enumerate(assays)])
        groups = {
            f"{split['split']}:{name}": f"{split_words(split['split'])}: {name}"
            for assay in assays
            for split in assay["prognostic"]["splits"]
            for name in split["groups"]
        }
        changes = {f"change:{name}": f"change by week 12: {words}" for name, words in GROUPS.items()}
        self._choose("group", [ANY, *(groups | changes).items()])

    def _choose(self, field: str, choices: list[tuple[str, str]]) -> None:
        self.fields[field].choices = choices  # type: ignore[attr-defined]

    def fits(self, patient: Mapping[str, Any]) -> bool:
        """Whether a patient of the result is asked for."""
        asked = self.cleaned_data
        return (
            _has(patient, asked["which"])
            and _in_group(patient, asked["group"])
            and asked["best"] in ("", patient["best_confirmed"])
            and (not asked["rate"] or patient["best_confirmed"] in IN_RATE[asked["rate"]])
            and self._ends(patient, asked)
        )

    def _ends(self, patient: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
        if asked["time"]:
            time = patient["times"].get(asked["time"])
            if time is None or asked["event"] not in ("", str(time["event"])):
                return False
        if asked["after"]:
            time = patient["times"].get(asked["after"])
            return time is not None and time["days"] > self.landmark
        return True


def _has(patient: Mapping[str, Any], which: str) -> bool:
    match which:
        case "measured":
            return bool(patient["values"])
        case "baseline":
            return patient["baseline"] is not None
        case "treated":
            return patient["baseline"] is not None and patient["treated"]
        case "response_evaluable":
            return patient["baseline"] is not None and patient["response_evaluable"]
    return True


def _in_group(patient: Mapping[str, Any], asked: str) -> bool:
    if not asked:
        return True
    split, _, name = asked.rpartition(":")
    return bool(name == (patient["change"] if split == "change" else patient["groups"].get(split)))


def told(patient: Mapping[str, Any], lower_limit: float) -> dict[str, Any]:
    """A patient's row in words."""

    def value(said: Mapping[str, Any]) -> str:
        words = f"below {ng(lower_limit)} ng/mL" if said["value"] is None else f"{ng(said['value'])} ng/mL"
        return f"{words}, {said['on'] if said['day'] is None else 'day ' + str(said['day'])}"

    groups = [f"{split_words(key)}: {name}" for key, name in patient["groups"].items() if name]
    if patient["change"]:
        groups.append(f"change: {GROUPS[patient['change']]}")
    return {
        "code": f"{patient['number']:03d}",
        "baseline": value(patient["baseline"]) if patient["baseline"] else "–",
        "groups": groups,
        "values": [value(said) for said in patient["values"]],
        "best": patient["best_confirmed"] or "not treated",
        "times": [(key, *_time(patient["times"].get(key))) for key in SHOWN_TIMES],
    }


def _time(time: Mapping[str, Any] | None) -> tuple[str, str]:
    if time is None:
        return "–", "Not treated."
    return f"{time['days']} days, {'event' if time['event'] else 'censored'}", time["because"]
