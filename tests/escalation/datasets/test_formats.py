"""What the formats make of one data set, read back by the programs of others."""

import csv
import io
import json
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal

import dsjframe
import pyreadstat
import pytest

from escalation.datasets.definition import Dataset, dtc, number, on_day, text, whole
from escalation.datasets.formats import dataset_json, lines, separated, transport

AT = datetime(2026, 3, 4, 10, 0, 1, tzinfo=UTC)
ABOUT = dataset_json.About("STUDY", 41, AT, "A trial", "Escalate", "1")
LONG = "n" * 199 + "µ" + "o" * 250  # a character of two bytes lies across the first 200
VARIABLES = (
    text("USUBJID", "Unique Subject Identifier", 20, "Its number."),
    whole("AESEQ", "Sequence Number", "Counts."),
    text("AETERM", "Reported Term", 900, "As written."),
    number("AVAL", "Analysis Value", "Exact."),
    on_day("ADT", "Analysis Date", "Whole."),
    dtc("AESTDTC", "Start Date", "May be partial."),
    text("AENTHNG", "Nothing", 10, "Never recorded."),
)
ROWS = (
    ("003", 1, LONG, Decimal("0.13"), date(2026, 3, 4), "2026-03", None),
    ("003", 2, ' =1+1, "quoted"\nand on', Decimal("-0.0000001"), date(1959, 12, 31), "2026-03-04T08:15", None),
    ("012", -100000, None, Decimal("12345678.123456789"), None, None, None),
    ("012", 7, "short", None, date(2026, 2, 28), "2026", None),
)


def the(rows=ROWS, variables=VARIABLES, name="AE", label="Adverse Events"):
    return Dataset(name, label, "One record", ("USUBJID", "AESEQ"), variables, lambda: iter(rows))


@pytest.fixture
def written():
    with tempfile.TemporaryFile() as file:
        yield lines.write(the(), file)


def joined(pieces):
    return b"".join(pieces)


def test_dataset_json_is_valid_and_has_every_digit(written, tmp_path):
    path = tmp_path / "ae.json"
    path.write_bytes(joined(dataset_json.pieces(written, ABOUT)))

    said = json.loads(path.read_text())

    assert dsjframe.validate_dataset(path)["ok"]
    assert list(said) == [
        "datasetJSONCreationDateTime", "datasetJSONVersion", "fileOID", "dbLastModifiedDateTime", "originator",
        "sourceSystem", "studyOID", "metaDataVersionOID", "itemGroupOID", "records", "name", "label", "columns", "rows",
    ]  # fmt: skip
    assert (said["records"], said["datasetJSONVersion"], said["itemGroupOID"]) == (4, "1.1.0", "IG.AE")
    columns = {column["name"]: column for column in said["columns"]}
    assert columns["AVAL"] == {
        "itemOID": "IT.AE.AVAL", "name": "AVAL", "label": "Analysis Value",
        "dataType": "decimal", "targetDataType": "decimal",
    }  # fmt: skip
    assert (columns["ADT"]["dataType"], columns["ADT"]["targetDataType"]) == ("date", "integer")
    assert (columns["AESEQ"]["keySequence"], columns["AETERM"]["length"]) == (2, 900)
    assert said["rows"] == [
        [value.isoformat() if isinstance(value, date) else f"{value:f}" if isinstance(value, Decimal) else value
         for value in row]
        for row in ROWS
    ]  # fmt: skip


def test_a_transport_file_reads_back_equal(written, tmp_path):
    path = tmp_path / "ae.xpt"
    path.write_bytes(joined(transport.pieces(written, AT)))

    read, about = pyreadstat.read_xport(path)

    assert (about.table_name, about.file_label, about.number_rows) == ("AE", "Adverse Events", 4)
    assert about.column_names_to_labels == {
        "USUBJID": "Unique Subject Identifier", "AESEQ": "Sequence Number",
        "AETERM": "Reported Term (1/3)", "AETERM1": "Reported Term (2/3)", "AETERM2": "Reported Term (3/3)",
        "AVAL": "Analysis Value", "ADT": "Analysis Date", "AESTDTC": "Start Date", "AENTHNG": "Nothing",
    }  # fmt: skip
    assert about.original_variable_types["ADT"] == "E8601DA10"
    for row, back in zip(ROWS, read.to_dict("records"), strict=True):
        assert back["AETERM"] + back["AETERM1"] + back["AETERM2"] == (row[2] or "")
        assert [back["AESEQ"], back["AESTDTC"], back["AENTHNG"]] == [row[1], row[5] or "", ""]
        assert (None if back["AVAL"] != back["AVAL"] else back["AVAL"]) == (None if row[3] is None else float(row[3]))
        assert (None if back["ADT"] != back["ADT"] else back["ADT"]) == row[4]


def test_a_table_of_values_reads_back_equal_and_no_text_is_changed(written):
    read = list(csv.reader(io.StringIO(joined(separated.pieces(written)).decode(), newline="")))

    assert read[0] == [variable.name for variable in VARIABLES]
    assert read[2] == ["003", "2", ' =1+1, "quoted"\nand on', "-0.0000001", "1959-12-31", "2026-03-04T08:15", ""]
    assert [variable.name for variable in written.empty] == ["AENTHNG"]


def test_a_set_without_rows_is_a_file_of_each_format(tmp_path):
    with tempfile.TemporaryFile() as file:
        none = lines.write(the(rows=()), file)
        (tmp_path / "ae.xpt").write_bytes(joined(transport.pieces(none, AT)))
        (tmp_path / "ae.json").write_bytes(joined(dataset_json.pieces(none, ABOUT)))

        assert joined(separated.pieces(none)).decode() == ",".join(v.name for v in VARIABLES) + "\r\n"
    assert dsjframe.validate_dataset(tmp_path / "ae.json")["ok"]
    assert len(pyreadstat.read_xport(tmp_path / "ae.xpt")[0]) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"variables": (text("AETERMLONG", "Term", 10, ""),)}, "AE: the name 'AETERMLONG' is above the 8 bytes"),
        ({"variables": (text("AETERM", "T" * 41, 10, ""),)}, "is above the 40 bytes"),
        ({"label": "Ereignisse, unerwünschte, und ihre Schwere"}, "is above the 40 bytes"),
        (
            {"variables": (text("AETERM", "Term", 900, ""), text("AETERM1", "More", 9, "")), "rows": [(LONG, "x")]},
            "two variables would be AETERM1",
        ),
    ],
)
def test_what_a_transport_file_has_no_room_for_is_refused_by_name(wrong, said):
    with tempfile.TemporaryFile() as file, pytest.raises(ValueError, match=said):
        joined(transport.pieces(lines.write(the(**{"rows": (), **wrong}), file), AT))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("003", "1"), "row 1: 2 values for 7 variables"),
        (("003", "1", None, None, None, None, None), "AESEQ is of type integer, but its value is not"),
        (("003", 1, None, 0.1, None, None, None), "AVAL is of type decimal"),
    ],
)
def test_a_row_that_is_not_what_its_variables_say_ends_the_export(row, said):
    with tempfile.TemporaryFile() as file, pytest.raises(ValueError, match=said):
        lines.write(the(rows=[row]), file)


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 0.1, 1e-70, 118.625, 1 / 3, 2.0**52 + 1, 9.87e70])
def test_a_double_keeps_all_its_digits_in_ibms_floating_point(value):
    bits = int.from_bytes(transport.ibm(value), "big")
    sign, power, fraction = bits >> 63, (bits >> 56 & 0x7F) - 64, bits & (1 << 56) - 1

    assert (-1) ** sign * fraction * 2.0 ** (4 * power - 56) == value
