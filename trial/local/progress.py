"""How far the demo of `make run` is: noted by the process that builds it, read by the home page. A file under var/."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Progress:
    built: int
    of: int
    left_out: tuple[str, ...] = ()  # by name, with the reason

    @property
    def over(self) -> bool:
        return self.built + len(self.left_out) == self.of

    def __str__(self) -> str:
        if not self.over:
            return f"The demo is being built: {self.built} of {self.of} trials."
        if not self.left_out:
            return f"The demo is complete: {self.of} trials."
        return f"The demo has {self.built} of {self.of} trials. Left out: {'; '.join(self.left_out)}"


def write(file: Path, progress: Progress) -> None:
    """Whole or not at all: it is read at any moment."""
    half = file.with_name(f"{file.name}.new")
    half.write_text(json.dumps(asdict(progress)))
    half.replace(file)


def read(file: Path) -> Progress | None:
    """None when no demo was begun here, or when it is complete."""
    try:
        noted = json.loads(file.read_text())
        progress = Progress(noted["built"], noted["of"], tuple(noted["left_out"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if progress.over and not progress.left_out else progress
