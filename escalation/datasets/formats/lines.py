"""The rows of one data set, read once and kept as a JSON array a line in a file of its own.

Every format is made of these lines: they are counted before a header must say how many there are, and a data set of any
length takes the memory of one row.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from ..definition import Dataset, Variable

Cell = str | int | None  # a decimal as the text of its digits, a date as ISO 8601
OF_KIND: dict[str, type] = {"string": str, "integer": int, "decimal": Decimal, "date": date}


@dataclass(frozen=True, slots=True)
class Lines:
    dataset: Dataset
    records: int
    empty: Sequence[Variable]  # those without any value
    file: BinaryIO

    def texts(self) -> Iterator[bytes]:
        """Each row as it stands in the file."""
        self.file.seek(0)
        return iter(self.file)

    def rows(self) -> Iterator[list[Cell]]:
        return map(json.loads, self.texts())


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else format(value, "f")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def write(dataset: Dataset, file: BinaryIO) -> Lines:
    """Read the data set to its end. Raises ValueError where a row is not what its variables say."""
    kinds = [(OF_KIND[variable.type], type(None)) for variable in dataset.variables]
    records, empty = 0, list(range(len(kinds)))
    for row in dataset.rows():
        records += 1
        if len(row) != len(kinds) or not all(map(isinstance, row, kinds)):
            raise ValueError(f"{dataset.name}, row {records}: {_fault(row, dataset.variables)}")
        file.write(_encode(row).encode() + b"\n")
        empty = [index for index in empty if row[index] is None]
    return Lines(dataset, records, [dataset.variables[index] for index in empty], file)


def _fault(row: Sequence[object], variables: Sequence[Variable]) -> str:
    if len(row) != len(variables):
        return f"{len(row)} values for {len(variables)} variables."
    wrong = (v for v, value in zip(variables, row, strict=True) if not isinstance(value, OF_KIND[v.type] | None))
    found = next(wrong)
    return f"{found.name} is of type {found.type}, but its value is not."
