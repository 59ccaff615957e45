"""What the page and the endpoint of the design properties are asked: one form, so that both refuse alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from trial.forms import ShareField, WholeField

from .. import words
from ..engine.terms import Rule, Variant
from .comparison import MOST, OTHER, TARGET, Assumed, Ladder, own_key, rules, scenario
from .queries import MOST_LEVELS

START, PRESENT = "start", "present"
SIZES = {
    "a": ("A", "Patients of the first cohort"),
    "b": ("B", "Patients of the second"),
    "c": ("C", "Escalate below C DLTs of A"),
    "d": ("D", "Expand from C to D of A"),
    "e": ("E", "Tolerated up to E of A + B"),
}
OTHERS = (Variant.D6, Variant.D3, Variant.N)


@dataclass(frozen=True, slots=True)
class Question:
    """A valid form."""

    assumed: Assumed
    rules: Mapping[str, Rule]
    design: str  # the key of the curve's design
    level: int  # whose rate the curve runs over


class Rate(ShareField):
    """A probability, as on What if; what is wrong with it is said with its name."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        outside = f"{name}: must be from 0 to 1; write 0.05 or 5 %%."  # Django fills in the limit by %
        said = {
            "required": f"{name}: needs a number from 0 to 1.",
            "invalid": f"{name}: must be a number from 0 to 1, like 0.25.",
            "min_value": outside,
            "max_value": outside,
        }
        super().__init__(min_value=0, max_value=1, error_messages=said, **kwargs)


class LadderForm(forms.Form):
    """Before a protocol is written: how many levels, and where to start."""

    levels = WholeField(
        label="Dose levels",
        min_value=1,
        max_value=MOST_LEVELS,
        error_messages={
            "min_value": "Dose levels: at least 1.",
            "max_value": f"Dose levels: at most {MOST_LEVELS}.",
        },
    )
    first = WholeField(
        label="Start level",
        min_value=1,
        error_messages={"min_value": "Start level: at least 1."},
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("first", 1) > said.get("levels", MOST_LEVELS):
            self.add_error("first", "Start level: must be one of the levels.")
        return said


class DesignForm(forms.Form):
    """Assumed rates, one field a level; another design beside the standard ones; the curve's design and level."""

    target = Rate(
        "Target rate", label="Target rate", help_text="A level whose assumed rate is above it counts as an overdose."
    )
    begin = forms.ChoiceField(
        label="Reckoned from",
        choices={START: "The start", PRESENT: "The present state"},
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": f"Reckoned from: {START} or {PRESENT}."},
    )
    variant = forms.ChoiceField(
        label="Variant", choices={v.value: v.value for v in OTHERS}, required=False, initial=Variant.D6.value
    )
    design = forms.ChoiceField(label="Design of the curves", required=False)
    level = forms.ChoiceField(label="Level whose rate varies", required=False)

    def __init__(self, data: Mapping[str, str], *, ladder: Ladder) -> None:
        super().__init__(data)
        self.ladder = ladder
        for position, label in enumerate(ladder.labels, 1):
            self.fields[f"rate_{position}"] = Rate(f"Rate of level {label}", label=f"Level {label}")
        for name, (label, meaning) in SIZES.items():
            size = WholeField(
                label=label,
                required=False,
                min_value=0,
                max_value=MOST,
                help_text=meaning,
            )
            size.error_messages |= {
                "min_value": f"{label}: must be from 0 to {MOST}.",
                "max_value": f"{label}: must be from 0 to {MOST}.",
            }
            self.fields[name] = size
        keys = {key: words.design(rule) for key, rule in rules(ladder).items()} | {OTHER: "The other design below"}
        self._choices("design", keys)
        self._choices("level", {str(k): f"Level {label}" for k, label in enumerate(ladder.labels, 1)})
        if not ladder.begun:
            self._choices("begin", {START: "The start"})

    def _choices(self, name: str, choices: Mapping[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.error_messages["invalid_choice"] = f"{field.label}: one of {', '.join(choices)}."

    # --- what the template walks over
    def rate_rows(self) -> list[BoundField]:
        """The highest dose first, as on every ladder."""
        return [self[f"rate_{k}"] for k in range(len(self.ladder.labels), 0, -1)]

    def size_rows(self) -> list[BoundField]:
        return [self[name] for name in SIZES]

    @property
    def other_asked(self) -> bool:
        return any(self.data.get(name, "").strip() for name in SIZES)

    # --- what is compared
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        levels = len(self.ladder.labels)
        given = [name for name in self.data if name.startswith("rate_")]
        if any(name not in self.fields for name in given):
            self.add_error(None, f"Rates: needs one per level, got {len(given)} for {levels}.")
        said["rule"] = (
            self._other(said) if self.other_asked and not any(name in self.errors for name in SIZES) else None
        )
        if said.get("design") == OTHER and said["rule"] is None and not self.errors:
            self.add_error("design", "Design of the curves: the other design is not given.")
        return said

    def _other(self, said: Mapping[str, Any]) -> Rule | None:
        if missing := next((label for name, (label, _) in SIZES.items() if said.get(name) is None), None):
            self.add_error(missing.lower(), f"{missing}: the other design needs all five numbers.")
            return None
        if said["a"] + said["b"] > MOST:
            self.add_error("b", f"B: A + B is at most {MOST} here.")
            return None
        try:
            return Rule(Variant(said.get("variant") or Variant.D6), **{name: said[name] for name in SIZES})
        except ValueError as error:
            names, _, rule = str(error).partition(": ")
            self.add_error(names[0], f"{names.upper()}: {rule}.")
            return None

    @property
    def question(self) -> Question:
        """What a valid form asks."""
        said = self.cleaned_data
        asked = rules(self.ladder, said["rule"])
        assumed = Assumed(
            rates=[float(said[f"rate_{k}"]) for k in range(1, len(self.ladder.labels) + 1)],
            target=float(said["target"]),
            present=said["begin"] == PRESENT,
        )
        design = said["design"] or own_key(self.ladder, asked)
        if design == OTHER and OTHER not in asked:  # what was typed is one of the standard designs
            design = next(key for key, rule in asked.items() if rule == said["rule"])
        return Question(assumed, asked, design, int(said["level"] or middle(self.ladder)))


def first_asked(ladder: Ladder) -> dict[str, str]:
    """The form as it opens: a plain scenario, labelled as such on the page."""
    asked = rules(ladder)
    return {
        **{f"rate_{k}": f"{Decimal(str(rate)):.2f}" for k, rate in enumerate(scenario(len(ladder.labels)), 1)},
        "target": str(TARGET),
        "begin": START,
        "variant": Variant.D6.value,
        "design": own_key(ladder, asked),
        "level": str(middle(ladder)),
    }


def middle(ladder: Ladder) -> int:
    return (len(ladder.labels) + 1) // 2
