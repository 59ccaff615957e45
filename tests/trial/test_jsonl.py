"""The line protocol: one JSON object in, one out, and never a line lost."""

import io
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from trial import jsonl


def echo(line):
    if "refuse" in line:
        raise ValueError("refuse: must not be given")
    return {"got": line.get("value"), "a": 1}


def serve(monkeypatch, text: bytes, answer=echo) -> bytes:
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    monkeypatch.setattr("sys.stdout", SimpleNamespace(buffer=out))
    jsonl.serve(answer)
    return out.getvalue()


def test_lines_are_answered_in_order_with_sorted_keys_and_their_id(monkeypatch):
    assert serve(monkeypatch, b'{"value": "\xc3\xa9", "id": 7}\n{"value": null}') == (
        '{"a": 1, "got": "é", "id": 7}\n{"a": 1, "got": null}\n'.encode()
    )


def test_a_refused_line_says_why_keeps_its_id_and_the_filter_goes_on(monkeypatch):
    out = serve(monkeypatch, b'{"id": "x", "refuse": 1}\n{"value": 2}\n')

    assert [json.loads(line) for line in out.splitlines()] == [
        {"error": "refuse: must not be given", "id": "x"},
        {"a": 1, "got": 2},
    ]


@pytest.mark.parametrize(
    "line",
    [b"", b"x", b"[1]", b"3", b'"a"', b"null", b"\xff", b'{"value": NaN}', b'{"value": Infinity}', b"[" * 100_000,
     b'{"value": 1e999}', b'{"id": 1e999}'],
)  # fmt: skip
def test_a_line_that_is_no_json_object_gives_an_error_line(line):
    assert json.loads(jsonl.reply(line, echo)).keys() == {"error"}


def test_numbers_are_read_as_decimals():
    seen = []
    jsonl.reply(b'{"value": 0.10}', lambda line: seen.append(line["value"]) or {})

    assert seen == [Decimal("0.10")]


def test_nothing_that_is_not_a_number_is_written():
    assert b"error" in jsonl.reply(b"{}", lambda line: {"p": float("nan")})
    assert jsonl.reply(b"{}", lambda line: {"p": Decimal("0.25")}) == b'{"p": 0.25}\n'


def test_a_fault_of_the_program_is_not_hidden():
    with pytest.raises(TypeError):
        jsonl.reply(b"{}", lambda line: {"p": object()})


def test_half_a_surrogate_pair_goes_out_as_it_came_in():
    assert jsonl.reply(b'{"value": "\\ud800"}', echo) == b'{"a": 1, "got": "\\ud800"}\n'


def test_the_same_input_gives_the_same_bytes():
    line = b'{"value": [1, 0.5], "id": {"b": 1, "a": 2}}'

    assert jsonl.reply(line, echo) == jsonl.reply(line, echo)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"value": 1, "value": 2}', "value: is given twice"),
        (b'{"value": {"grade": 3, "grade": 4}}', "grade: is given twice"),
        (b'{"value": ' + b"9" * 5000 + b"}", "line: a whole number"),
        (b'{"id": 1e400}', "id: cannot be written back"),
    ],
)
def test_an_ambiguous_or_endless_value_is_refused_by_name(line, field):
    assert json.loads(jsonl.reply(line, echo))["error"].startswith(field)
