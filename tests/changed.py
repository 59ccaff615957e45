"""The tests of what changed since BASE (default HEAD~1) and of what is not committed, by room: for `make check`.

A room's files, templates and tests stand in folders of one name, so a changed file names the folder of its tests; a
file of an app's ground names its own test. What follows further away is the whole suite's to judge.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("trial", "patients", "assessments", "escalation")
ALWAYS = "tests/test_architecture.py"


def changed(base: str) -> list[str]:
    """Paths of the checkout, deleted ones too."""
    asked = [["git", "diff", "--name-only", base], ["git", "ls-files", "--others", "--exclude-standard"]]
    said = [subprocess.run(one, cwd=ROOT, check=True, capture_output=True, text=True).stdout for one in asked]
    return sorted({path for text in said for path in text.split("\n") if path})


def tests_of(path: str) -> Iterator[str]:
    """Where the tests of a changed file may stand; not each of them need be there."""
    parts = Path(path).parts
    match parts:
        case ("tests", *_, name) if name.startswith("test_"):
            yield path
        case ("tests", "browser", *_) | ("static", *_):
            yield "tests/browser/test_first_page.py"
        case ("tests", app, room, _) if app in APPS:
            yield f"tests/{app}/{room}"
        case ("templates", app, room, _) if app in APPS:
            yield f"tests/{app}/{room}"
        case (app, room, *rest) if app in APPS and rest:
            yield f"tests/{app}/{room}"
        case (app, name) if app in APPS:
            yield f"tests/{app}/test_{name}"
        case _:
            return


def selected(paths: Iterable[str]) -> list[str]:
    found = {test for path in paths for test in tests_of(path) if (ROOT / test).exists()}
    inside = {test for test in found if any(test.startswith(f"{other}/") for other in found)}
    return [ALWAYS, *sorted(found - inside - {ALWAYS})]


if __name__ == "__main__":
    sys.stdout.write(" ".join(selected(changed(os.environ.get("BASE") or "HEAD~1"))))
