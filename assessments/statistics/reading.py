"""What the validation filter is asked, read and handed to the statistics (docs/validation-statistics.md)."""

from collections.abc import Callable
from typing import Any

from .. import columns
from .cox import cox, no_fit
from .estimates import Answer
from .proportions import proportion
from .roc import roc
from .survival import CONF_TYPES, km
from .tables import fisher


def _km(said: dict[str, Any]) -> Answer:
    time = columns.times(said, "time")
    return km(
        time,
        columns.flags(said, "event", len(time)),
        group=columns.groups(said, "group", len(time)) if said.get("group") is not None else None,
        conf_type=columns.choice(said, "conf_type", CONF_TYPES),
        conf_level=columns.level(said),
        at=columns.times(said, "at") if said.get("at") is not None else (),
    )


def _proportion(said: dict[str, Any]) -> Answer:
    found = proportion(columns.whole(said, "x"), columns.whole(said, "n"), columns.level(said))
    return {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}


def _cox(said: dict[str, Any]) -> Answer:
    time = columns.times(said, "time")
    event = columns.flags(said, "event", len(time))
    named = columns.block(said.get("covariates"), "covariates")
    if not named:
        raise ValueError("covariates: at least one is needed")
    rows = {name: columns.column(named, name, len(time)) for name in named}
    whole = [k for k in range(len(time)) if all(values[k] is not None for values in rows.values())]
    covariates = {name: [columns.number(values[k], name) for k in whole] for name, values in rows.items()}
    if not whole:
        return no_fit(len(named), 0, "No patient has every covariate.")
    ties = columns.choice(said, "ties", ("efron", "breslow"))
    level = columns.level(said)
    return cox([time[k] for k in whole], [event[k] for k in whole], covariates, ties=ties, conf_level=level)


def _roc(said: dict[str, Any]) -> Answer:
    label = columns.flags(said, "label")
    return roc(label, columns.numbers(said, "marker", len(label)), conf_level=columns.level(said))


def _fisher(said: dict[str, Any]) -> Answer:
    return fisher(columns.counts(said, "table"), conf_level=columns.level(said))


# What may be asked: the answer to the object under its name, and the keys known in it beside `conf_level`
KINDS: dict[str, tuple[Callable[[dict[str, Any]], Answer], tuple[str, ...]]] = {
    "km": (_km, ("time", "event", "group", "conf_type", "at")),
    "proportion": (_proportion, ("x", "n")),
    "cox": (_cox, ("time", "event", "covariates", "ties")),
    "roc": (_roc, ("label", "marker")),
    "fisher": (_fisher, ("table",)),
}
