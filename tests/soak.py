"""How long the property tests look for a counterexample: `SOAK=20` twenty times as long as in the suite."""

import os

TIMES = int(os.environ.get("SOAK") or 1)


def examples(usual: int) -> int:
    return usual * TIMES
