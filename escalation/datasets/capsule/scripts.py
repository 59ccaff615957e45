"""The two scripts that derive an export's answers anew, as they go out with it."""

from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("check.py", "check.R")
READS = frozenset({"ADSL", "ADDLT", "ADRS", "ADTTE"})  # the data sets that they read


def files() -> dict[str, str]:
    return {name: (HERE / name).read_text(encoding="utf-8") for name in NAMES}
