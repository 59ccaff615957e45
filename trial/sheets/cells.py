"""From the HTML of a table to columns and typed rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from .table import NOTHING, Cell, day, number

_LINES = {"p", "br", "li", "div", "ul", "dt", "summary", "section", "tr"}  # each a new line of a cell
_SKIPPED = {"svg", "form", "button", "script", "template", "style"}
_BREAK = "\x00"  # between two lines; no page holds it


@dataclass(slots=True)
class _Box:
    """One cell as it stands in the table."""

    across: int
    down: int
    number: bool
    words: list[str] = field(default_factory=list)
    seen: bool = False  # has words that everybody sees

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.words).split(_BREAK))
        said = "; ".join(line.rstrip(";") for line in lines if line)
        return re.sub(r"([:.,]);", r"\1", said)


class _Reader(HTMLParser):
    """head, body: rows of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.head: list[list[_Box]] = []
        self.body: list[list[_Box]] = []
        self._in_head = False
        self._box: _Box | None = None
        self._skips = 0
        self._spans: list[bool] = []  # of the open spans, which are for screen readers

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in ("thead", "tbody", "tfoot"):
            self._in_head = tag == "thead"
        elif tag == "tr" and self._box is None:
            (self.head if self._in_head else self.body).append([])
        elif tag in ("th", "td"):
            row = (self.head if self._in_head else self.body)[-1]
            classes = (said.get("class") or "").split()
            self._box = _Box(int(said.get("colspan") or 1), int(said.get("rowspan") or 1), "num" in classes)
            row.append(self._box)
        elif tag in _SKIPPED:
            self._break()
            self._skips += 1
        elif tag == "span":
            classes = (said.get("class") or "").split()
            self._spans.append("sr-only" in classes)
            if "tag" in classes:
                self._break()
        elif tag in _LINES:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._box, self._spans = None, []
        elif tag in _SKIPPED:
            self._skips -= 1
        elif tag == "span" and self._spans:
            self._spans.pop()
        elif tag in _LINES:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._box is not None and not self._skips:
            self._box.words.append(data)
            self._box.seen = self._box.seen or (bool(data.strip()) and not any(self._spans))

    def _break(self) -> None:
        if self._box is not None:
            self._box.words.append(_BREAK)


def read(html: str) -> tuple[list[str], list[list[Cell]]]:
    """The table's columns and rows. A column whose head nobody sees holds steps, and is left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    head, body = _grid(reader.head, spread=True), _grid(reader.body, spread=False)
    width = max((len(row) for row in (*head, *body)), default=0)
    kept = [at for at in range(width) if any(at < len(row) and (b := row[at]) is not None and b.seen for row in head)]
    columns = [_named([box.text for row in head if at < len(row) and (box := row[at]) is not None]) for at in kept]
    rows = [[row[at] if at < len(row) else None for at in kept] for row in body]
    rows = [row for row in rows if any(box is not None and box.text for box in row)]
    counted = [_counted([row[at] for row in rows]) for at in range(len(kept))]
    return columns, [[_cell(box, counted[at]) for at, box in enumerate(row)] for row in rows]


def _grid(rows: Sequence[Sequence[_Box]], *, spread: bool) -> list[list[_Box | None]]:
    """Each cell at its place. One over several rows stands in each of them; one over several columns in the first,
    or with `spread` in each.
    """
    found: list[list[_Box | None]] = []
    below: dict[int, tuple[int, _Box]] = {}  # by column: rows still to fill, and with what
    for row in rows:
        line: list[_Box | None] = []
        boxes = iter(row)
        while True:
            at = len(line)
            if at in below:
                left, box = below.pop(at)
                line.append(box)
                if left > 1:
                    below[at] = (left - 1, box)
                continue
            new = next(boxes, None)
            if new is None:
                break
            for step in range(new.across):
                shown = new if spread or step == 0 else None
                line.append(shown)
                if new.down > 1 and shown is not None:
                    below[at + step] = (new.down - 1, shown)
        found.append(line)
    return found


def _named(words: Sequence[str]) -> str:
    return " – ".join(dict.fromkeys(word for word in words if word))


def _counted(boxes: Sequence[_Box | None]) -> bool:
    """Whether all of a column are numbers."""
    texts = [box.text for box in boxes if box is not None and box.text not in ("", *NOTHING)]
    return bool(texts) and all(number(text) is not None for text in texts)


def _cell(box: _Box | None, counted: bool) -> Cell:
    text = box.text if box is not None else ""
    if box is None or text in ("", *NOTHING):
        return None
    if on := day(text):
        return on
    found = number(text) if counted or box.number else None
    return text if found is None else found
