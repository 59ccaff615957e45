"""README.txt of an export: what it is, how R, Python and SAS load it, what is empty and why, how to check it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from ..definition import Dataset, Variable


def text(said: Mapping[str, Any], empty: Sequence[tuple[Dataset, Variable]]) -> str:
    """said: of the export, by the names of the template. empty: each variable without a value in this export."""
    grouped = [
        (dataset, [variable for _, variable in pairs])
        for dataset, pairs in ((one, list(found)) for one, found in groupby(empty, key=lambda pair: pair[0]))
    ]
    return render_to_string("escalation/datasets/README.txt", {**said, "empty": grouped})
