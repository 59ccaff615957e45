"""What the variables of an export mean: a table for programs and a page for people."""

from collections.abc import Iterator, Sequence

from django.template.loader import render_to_string

from ..definition import Dataset, Source, Variable

NAMES = ("dataset", "dataset_label", "structure", "variable", "label", "type", "length", "key", "codelist", "code",
         "terms", "other_values", "note")  # fmt: skip


def rows(datasets: Sequence[Dataset]) -> Iterator[tuple[object, ...]]:
    """A row a variable. key: its place among those that make a row the only one. terms: value=meaning; …"""
    for dataset in datasets:
        for variable in dataset.variables:
            listed = variable.codelist
            yield (
                dataset.name, dataset.label, dataset.structure,
                variable.name, variable.label, variable.type, variable.length, _key(dataset, variable),
                listed.name if listed else None, listed.code if listed else None,
                "; ".join(f"{term}={meaning}" for term, meaning in listed.terms.items()) if listed else None,
                ("yes" if listed.extensible else "no") if listed else None,
                variable.note,
            )  # fmt: skip


def page(source: Source, datasets: Sequence[Dataset]) -> str:
    lists = {v.codelist.name: v.codelist for one in datasets for v in one.variables if v.codelist}
    shown = {"source": source, "datasets": datasets, "lists": [lists[name] for name in sorted(lists)]}
    return render_to_string("escalation/datasets/dictionary.html", shown)


def _key(dataset: Dataset, variable: Variable) -> int | None:
    return dataset.keys.index(variable.name) + 1 if variable.name in dataset.keys else None
