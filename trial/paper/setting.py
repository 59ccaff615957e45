"""One document set by Typst: in this process, or as a program of its own (apart.py), which reads it as JSON and writes
its bytes.
"""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # of a probe, which nobody keeps
# Written in any document: nothing to ask the fonts about.
_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) | {"\n"}
_NO_GLYPH = "could not be displayed"

Form = Literal["pdf", "png"]


def compiled(files: Mapping[str, str], at: datetime, form: Form, *, scale: float = 2) -> list[bytes]:
    """files: "main.typ", the templates beside it, and the data that they read. scale: of pictures, times 96 pixels."""
    spelt = {name: text if name.endswith(".typ") else _spelt(text) for name, text in files.items()}
    return _compiled(spelt, at, form, scale)


def _compiled(files: Mapping[str, str], at: datetime, form: Form, scale: float = 2) -> list[bytes]:
    import typst  # 40 MB that only who sets a document needs

    compile_: Any = typst.compile  # takes files by name too, which its types leave out
    made: bytes | list[bytes] = compile_(
        {name: text.encode() for name, text in files.items()},
        format=form,
        ppi=96.0 * scale,
        ignore_system_fonts=True,
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=at,
    )
    return made if isinstance(made, list) else [made]


def _spelt(text: str) -> str:
    """A file in characters that the fonts have; any other as its code point: a name in a script that they lack must
    neither stop a report nor vanish from it.
    """
    unusual = sorted(set(text) - _PLAIN)
    lacking = {char for char in unusual if not _shown(char)} if unusual and not _shown("".join(unusual)) else set()
    return text.translate({ord(char): f"[U+{ord(char):04X}]" for char in lacking})


@lru_cache(maxsize=4096)
def _shown(text: str) -> bool:
    """Whether the fonts have every character of the text: Typst refuses a tagged PDF where they have not."""
    import typst

    probe = '#set document(title: "Probe")\n#json("text.json")'
    try:
        _compiled({"main.typ": probe, "text.json": json.dumps(text, ensure_ascii=False)}, UNDATED, "pdf")
    except typst.TypstError as fault:
        if _NO_GLYPH not in str(fault):
            raise
        return False
    return True


if __name__ == "__main__":
    said = json.load(sys.stdin)
    sys.stdout.buffer.write(compiled(said["files"], datetime.fromisoformat(said["at"]), "pdf")[0])
