"""Published trials as a file tells them (docs/published_trials.md): read and checked. Standard library only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OUTCOMES = ("mtd", "mtd_not_reached", "none_tolerated")


@dataclass(frozen=True, slots=True)
class Cohort:
    level: int  # 1 for the lowest
    n: int
    dlts: int


@dataclass(frozen=True, slots=True)
class Published:
    """One published trial, cohort by cohort, with its conclusion."""

    title: str
    source: str
    disease: str
    drugs: tuple[str, ...]
    levels: tuple[str, ...]
    start: int
    cohorts: tuple[Cohort, ...]
    outcome: str
    mtd_level: int | None
    wording: str


def read(data: bytes) -> list[Published]:
    """The trials of a file: a list, or one object. Raises ValueError with a sentence that names field and rule."""
    try:
        given = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("The file is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"The file is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except (RecursionError, ValueError):
        raise ValueError("The file is not JSON of a published trial.") from None
    if isinstance(given, dict):
        return [_trial(given, "")]
    if not isinstance(given, list) or not given:
        raise ValueError("The file needs one published trial (an object) or a list of them.")
    return [_trial(trial, f"Trial {place}, ") for place, trial in enumerate(given, 1)]


def _trial(given: Any, where: str) -> Published:
    trial = _object(given, f"{where}the trial")
    levels = _texts(trial, "levels", where, most=80)
    if twice := next((label for label in levels if levels.count(label) > 1), None):
        raise ValueError(f"{where}levels: {twice!r} stands twice; each level has a label of its own.")
    start = _whole(trial, "start_level", where, 1, len(levels))
    cohorts = trial.get("cohorts")
    if not isinstance(cohorts, list) or not cohorts:
        raise ValueError(f"{where}cohorts: needs a list of at least one cohort, in order of treatment.")
    published = _object(trial.get("published"), f"{where}published")
    outcome = _text(published, "outcome", f"{where}published.", most=40)
    if outcome not in OUTCOMES:
        raise ValueError(f"{where}published.outcome: must be one of {', '.join(OUTCOMES)}; it is {outcome!r}.")
    if outcome == "mtd":
        mtd_level = _whole(published, "mtd_level", f"{where}published.", 1, len(levels))
    elif published.get("mtd_level") is not None:
        raise ValueError(f"{where}published.mtd_level: must be null when the outcome is {outcome}.")
    else:
        mtd_level = None
    return Published(
        title=_text(trial, "title", where, most=250),
        source=_source(trial, where),
        disease=_text(trial, "disease", where, most=200, needed=False),
        drugs=_texts(trial, "drugs", where, most=120),
        levels=levels,
        start=start,
        cohorts=tuple(_cohort(c, f"{where}cohorts[{k}]", len(levels)) for k, c in enumerate(cohorts, 1)),
        outcome=outcome,
        mtd_level=mtd_level,
        wording=_text(published, "wording", f"{where}published.", most=400, needed=False),
    )


def _cohort(given: Any, where: str, levels: int) -> Cohort:
    cohort = _object(given, where)
    size = _whole(cohort, "n", f"{where}.", 1, 100)
    return Cohort(_whole(cohort, "level", f"{where}.", 1, levels), size, _whole(cohort, "dlt", f"{where}.", 0, size))


def _source(trial: Mapping[str, Any], where: str) -> str:
    source = _object(trial.get("source"), f"{where}source")
    parts = [
        value if name == "journal" else f"{name.upper()} {value}"
        for name in source
        if (value := _text(source, name, f"{where}source.", most=200, needed=False))
    ]
    if not parts:
        raise ValueError(f"{where}source: needs at least one text, such as the journal; the trial is labelled with it.")
    return "; ".join(parts)


def _object(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ValueError(f"{where}: needs an object.")
    return given


def _text(given: Mapping[str, Any], name: str, where: str, *, most: int, needed: bool = True) -> str:
    value = given.get(name)
    if value is None and not needed:
        return ""
    return _line(value, f"{where}{name}", most, needed)


def _texts(given: Mapping[str, Any], name: str, where: str, *, most: int) -> tuple[str, ...]:
    values = given.get(name)
    if not isinstance(values, list) or not 1 <= len(values) <= 50:
        raise ValueError(f"{where}{name}: needs a list of 1 to 50 texts.")
    return tuple(_line(value, f"{where}{name}[{place}]", most, True) for place, value in enumerate(values, 1))


def _line(value: Any, where: str, most: int, needed: bool) -> str:
    if not isinstance(value, str) or (needed and not value.strip()):
        raise ValueError(f"{where}: needs a text.")
    if len(value) > most:
        raise ValueError(f"{where}: has {len(value)} characters; at most {most} are kept.")
    if not value.isprintable():  # also line breaks and half characters, which no page or database takes
        raise ValueError(f"{where}: holds a character that cannot be printed.")
    return value.strip()


def _whole(given: Mapping[str, Any], name: str, where: str, low: int, high: int) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{where}{name}: needs a whole number from {low} to {high}; it is {json.dumps(value)}.")
    return value
