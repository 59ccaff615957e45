"""SAS transport files, version 5 (SAS Institute, TS-140), a data set each, written without a clock, in flat memory.

The format has no room for names above 8, labels above 40 and texts above 200 bytes, and no missing text. A name or a
label that does not fit is refused; a text that does not is split over further variables, AETERM, AETERM1, AETERM2 …,
which say in their labels which part they are. Numbers are IBM's 8-byte floating point, which holds every double's
digits; dates are days since 1960 with the format E8601DA.
"""

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..definition import Dataset, Variable
from .lines import Cell, Lines

NAME, LABEL, TEXT = 8, 40, 200
RECORD = 80
AT_ONCE = 500  # rows that are handed on together
EPOCH = date(1960, 1, 1).toordinal()
MISSING = b"." + bytes(7)
_HEADER = "HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{:<30}  "
_OBSERVATIONS = _HEADER.format("OBS", "0" * 30)


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the file: all of a variable of the data set, or a part of a text."""

    name: str
    label: str
    of: int  # index of the variable in the row
    kind: str
    width: int
    part: int = 0


def pieces(lines: Lines, at: datetime) -> Iterator[bytes]:
    """The file, piece by piece. Raises ValueError where a name or a label does not fit."""
    laid_out = columns(lines.dataset, _widths(lines))
    yield header(lines.dataset, laid_out, at)
    write = _writer(laid_out)
    size, pending = 0, bytearray()
    for number, row in enumerate(lines.rows(), 1):
        pending += write(row)
        if number % AT_ONCE == 0:
            size += len(pending)
            yield bytes(pending)
            pending.clear()
    size += len(pending)
    yield bytes(pending) + b" " * (-size % RECORD)


def columns(dataset: Dataset, widths: Sequence[Sequence[int]]) -> list[Column]:
    """widths: of each variable the bytes that the parts of its longest texts take."""
    found = []
    for index, variable in enumerate(dataset.variables):
        _fits(dataset, variable)
        if variable.type != "string":
            found.append(Column(variable.name, variable.label, index, variable.type, 8))
            continue
        for part, width in enumerate(widths[index]):
            name, label = _part(variable, part, len(widths[index]))
            found.append(Column(name, label, index, "string", width, part))
    taken = [column.name for column in found]
    if twice := {name for name in taken if taken.count(name) > 1}:
        raise ValueError(f"{dataset.name}: two variables would be {', '.join(sorted(twice))} in a transport file.")
    return found


def _fits(dataset: Dataset, variable: Variable) -> None:
    for what, text, most in (
        ("name", dataset.name, NAME),
        ("label", dataset.label, LABEL),
        ("name", variable.name, NAME),
        ("label", variable.label, LABEL),
    ):
        if len(text.encode()) > most:
            raise ValueError(f"{dataset.name}: the {what} {text!r} is above the {most} bytes of a transport file.")


def _part(variable: Variable, part: int, parts: int) -> tuple[str, str]:
    """Name and label of a part: the first has the variable's own name."""
    if parts == 1:
        return variable.name, variable.label
    which = f" ({part + 1}/{parts})"
    name = variable.name if part == 0 else f"{variable.name[: NAME - len(str(part))]}{part}"
    return name, variable.label[: LABEL - len(which)].rstrip() + which


def _widths(lines: Lines) -> list[list[int]]:
    found = [[1] for _ in lines.dataset.variables]
    texts = [index for index, variable in enumerate(lines.dataset.variables) if variable.type == "string"]
    for row in lines.rows():
        for index in texts:
            value, widths = row[index], found[index]
            if not isinstance(value, str) or (len(value) <= widths[0] and value.isascii()):
                continue
            for part, text in enumerate(parts(value)):
                if part == len(widths):
                    widths.append(1)
                widths[part] = max(widths[part], len(text))
    return found


def parts(text: str) -> list[bytes]:
    """The text in pieces of at most TEXT bytes, none of which ends within a character."""
    left, found = text.encode(), []
    while len(left) > TEXT:
        end = TEXT
        while left[end] & 0xC0 == 0x80:
            end -= 1
        found.append(left[:end])
        left = left[end:]
    return [*found, left]


def header(dataset: Dataset, laid_out: Sequence[Column], at: datetime) -> bytes:
    stamp = at.strftime("%d%b%y:%H:%M:%S").upper()
    made = f"{'SAS':<8}{{:<8}}{{:<8}}{'9.4':<8}{'LINUX':<8}{'':24}{stamp}"
    said = [
        _HEADER.format("LIBRARY", "0" * 30),
        made.format("SAS", "SASLIB"),
        f"{stamp:<80}",
        _HEADER.format("MEMBER", "000000000000000001600000000140"),
        _HEADER.format("DSCRPTR", "0" * 30),
        made.format(dataset.name, "SASDATA"),
        f"{stamp:<16}{'':16}{dataset.label:<40}{'':8}",
        _HEADER.format("NAMESTR", f"000000{len(laid_out):04}{'0' * 20}"),
    ]
    names = b"".join(_namestr(place, column, at_byte) for place, (column, at_byte) in enumerate(_places(laid_out), 1))
    return "".join(said).encode() + names + b" " * (-len(names) % RECORD) + _OBSERVATIONS.encode()


def _places(laid_out: Sequence[Column]) -> Iterator[tuple[Column, int]]:
    at_byte = 0
    for column in laid_out:
        yield column, at_byte
        at_byte += column.width


def _namestr(place: int, column: Column, at_byte: int) -> bytes:
    dated = column.kind == "date"
    return struct.pack(
        ">hhhh8s40s8shhh2s8shhl52s",
        2 if column.kind == "string" else 1,
        0,
        column.width,
        place,
        _padded(column.name, NAME),
        _padded(column.label, LABEL),
        _padded("E8601DA" if dated else "", 8),
        10 if dated else 0,
        0,
        0,
        b"",
        _padded("", 8),
        0,
        0,
        at_byte,
        b"",
    )


def _padded(text: str, width: int) -> bytes:
    return text.encode().ljust(width)


def _writer(laid_out: Sequence[Column]) -> Callable[[Sequence[Cell]], bytes]:
    split = {column.of for column in laid_out if column.part}
    made: list[tuple[int, Callable[[Cell], bytes]]] = [
        (column.of, _text(column, split=column.of in split) if column.kind == "string" else NUMBERS[column.kind])
        for column in laid_out
    ]
    return lambda row: b"".join([write(row[index]) for index, write in made])


def _text(column: Column, *, split: bool) -> Callable[[Cell], bytes]:
    empty, part, width = b" " * column.width, column.part, column.width
    if not split:
        return lambda value: empty if value is None else str(value).encode().ljust(width)

    def of_part(value: Cell) -> bytes:
        found = parts(str(value or ""))
        return found[part].ljust(width) if part < len(found) else empty

    return of_part


def ibm(value: float) -> bytes:
    """A double as IBM's floating point: a sign, a power of 16, 56 bits, of which 53 have room anywhere."""
    if value == 0:
        return bytes(8)
    mantissa, power = math.frexp(abs(value))
    sixteens = -(-power // 4)
    bits = int(math.ldexp(mantissa, power - 4 * sixteens + 56))
    return (((0x80 if value < 0 else 0) | (sixteens + 64)) << 56 | bits).to_bytes(8, "big")


def _number(value: Cell) -> bytes:
    return MISSING if value is None else ibm(float(Decimal(value)))


def _day(value: Cell) -> bytes:
    return MISSING if value is None else ibm(date.fromisoformat(str(value)).toordinal() - EPOCH)


NUMBERS: dict[str, Callable[[Cell], bytes]] = {"integer": _number, "decimal": _number, "date": _day}
