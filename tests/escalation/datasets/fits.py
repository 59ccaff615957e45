"""Whether the rows of a data set are what its dictionary says of them."""

import re
from datetime import date
from decimal import Decimal

from escalation.datasets.shape import Dataset, Row

TYPES = {"string": str, "integer": int, "decimal": Decimal, "date": date}


def rows(dataset: Dataset) -> list[dict[str, object]]:
    names = [variable.name for variable in dataset.variables]
    return [dict(zip(names, row, strict=True)) for row in dataset.rows()]


def faults(dataset: Dataset) -> list[str]:
    """What breaks the dictionary, in words; nothing of a sound set."""
    found = [f"{dataset.name}.{one.name}: {said}" for one in dataset.variables for said in _named(one)]
    if not 0 < len(dataset.label) <= 40:
        found.append(f"{dataset.name}: label {dataset.label!r}")
    names = [variable.name for variable in dataset.variables]
    if len(set(names)) < len(names):
        found.append(f"{dataset.name}: a variable stands twice")
    keys, before = [names.index(key) for key in dataset.keys], None
    for row in dataset.rows():
        found += _row(dataset, row)
        key = tuple(row[k] for k in keys)
        if None in key or (before is not None and key <= before):
            found.append(f"{dataset.name}: {key} after {before}")
        before = key
    return found


def _named(one) -> list[str]:
    found = []
    if not re.fullmatch("[A-Z][A-Z0-9]{0,7}", one.name):
        found.append("is no name")
    if not 0 < len(one.label) <= 40 or not one.label.isascii():
        found.append(f"label {one.label!r}")
    if not one.note:
        found.append("says nothing of its origin")
    return found


def _row(dataset: Dataset, row: Row) -> list[str]:
    found = []
    for one, value in zip(dataset.variables, row, strict=True):
        if value is None:
            continue
        if type(value) is not TYPES[one.type]:
            found.append(f"{dataset.name}.{one.name}: {value!r} is no {one.type}")
        elif isinstance(value, str) and not 0 < len(value) <= one.length:
            found.append(f"{dataset.name}.{one.name}: {value!r} has not 1 to {one.length} characters")
        if one.codelist and not one.codelist.extensible and str(value) not in one.codelist.terms:
            found.append(f"{dataset.name}.{one.name}: {value!r} is not in {one.codelist.name}")
    return found
