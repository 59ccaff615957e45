"""docs/datasets.md says what the data sets are."""

import re
from pathlib import Path

import pytest

from escalation.datasets.shape import datasets, source
from tests import factories

PAGE = Path(__file__).resolve().parents[3] / "docs" / "datasets.md"


def table(first):
    """The cells of each row of the table that has this in its head."""
    rows = [re.split(r" *\| *", line)[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("|")]
    begin = next(k for k, row in enumerate(rows) if row[:2] == first) + 2
    ends = [k for k in range(begin, len(rows)) if k + 1 < len(rows) and set("".join(rows[k + 1])) == {"-"}]
    return rows[begin : min(ends, default=len(rows))]


@pytest.mark.django_db
def test_the_page_says_which_there_are_what_is_empty_and_which_terms_are_cdiscs():
    study = factories.study()
    found = datasets(source(study.trial, study.today, sbcma=True))

    said = [
        (name, label, what.replace("one", "One record per", 1), f"STUDYID {keys}")
        for name, label, keys, what in table(["set", "what"])
    ]
    assert said == [(one.name, one.label, one.structure, " ".join(one.keys)) for one in found]

    empty = {(name, variable) for name, variables, _ in table(["set", "variables"]) for variable in variables.split()}
    assert empty == {(one.name, v.name) for one in found for v in one.variables if "always empty" in v.note}

    cells = [cell for row in table(["list", "NCI code"]) for cell in row]
    lists = {v.codelist.name: v.codelist.code for one in found for v in one.variables if v.codelist}
    named = {name: code for name, code in zip(cells[::2], cells[1::2], strict=True) if name}
    assert named == {name: code for name, code in lists.items() if code}
