"""How long what looks for a counterexample goes on, property tests and the kill loop: `SOAK=20` for twenty times."""

import os

TIMES = int(os.environ.get("SOAK") or 1)


def examples(usual: int) -> int:
    return usual * TIMES
