"""CDISC Dataset-JSON 1.1: one data set a file, its attributes in the order of the specification, the rows last."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..definition import Dataset, Variable
from .lines import Lines

VERSION = "1.1.0"
# logical type, type to turn it into, format to show it in (docs of Dataset-JSON 1.1, "Supported Column Data Type …")
TYPES: dict[str, dict[str, str]] = {
    "string": {"dataType": "string"},
    "integer": {"dataType": "integer"},
    "decimal": {"dataType": "decimal", "targetDataType": "decimal"},
    "date": {"dataType": "date", "targetDataType": "integer", "displayFormat": "E8601DA10."},
}


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of where it comes from. at: of the last action in it, which made the data what they are."""

    study: str
    number: int
    at: datetime
    originator: str
    system: str
    release: str


def pieces(lines: Lines, about: About) -> Iterator[bytes]:
    """The file, piece by piece: an attribute, a column and a row a line."""
    said = header(lines.dataset, lines.records, about)
    columns = ",\n".join(map(_text, said.pop("columns")))
    attributes = "".join(f"{_text(name)}:{_text(value)},\n" for name, value in said.items())
    yield f'{{\n{attributes}"columns":[\n{columns}],\n"rows":['.encode()
    before = b"\n"
    for text in lines.texts():
        yield before + text[:-1]
        before = b",\n"
    yield b"\n]}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def header(dataset: Dataset, records: int, about: About) -> dict[str, Any]:
    at = about.at.isoformat(timespec="seconds")
    keys = {name: place for place, name in enumerate(dataset.keys, 1)}
    return {
        "datasetJSONCreationDateTime": at,  # no clock: the same record gives the same bytes
        "datasetJSONVersion": VERSION,
        "fileOID": f"{about.study}.{about.number}.{dataset.name}",
        "dbLastModifiedDateTime": at,
        "originator": about.originator,
        "sourceSystem": {"name": about.system, "version": about.release},
        "studyOID": about.study,
        "metaDataVersionOID": f"MDV.{about.study}.{about.number}",
        "itemGroupOID": f"IG.{dataset.name}",
        "records": records,
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(dataset.name, variable, keys) for variable in dataset.variables],
    }


def _column(dataset: str, variable: Variable, keys: dict[str, int]) -> dict[str, Any]:
    # --DTC are ISO 8601 text of any precision, and dates all the same
    types = {"dataType": "datetime"} if variable.name.endswith("DTC") else TYPES[variable.type]
    return {
        "itemOID": f"IT.{dataset}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        **{name: types[name] for name in ("dataType", "targetDataType") if name in types},
        **({"length": variable.length} if types["dataType"] == "string" else {}),
        **({"displayFormat": types["displayFormat"]} if "displayFormat" in types else {}),
        **({"keySequence": keys[variable.name]} if variable.name in keys else {}),
    }
