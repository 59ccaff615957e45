"""How long what looks for a counterexample goes on, property tests and the kill loop: `SOAK=20` for twenty times.

What is marked `long` runs there too, once: docs/decisions/2026-11-30-suite-and-soak.md.
"""

import os

TIMES = int(os.environ.get("SOAK") or 1)


def requests_a_role() -> int:
    """Requests to the REST endpoints as each role: 5 in the suite, 15 in `.ci/run` (SOAK=3), 2,000 in `make soak`."""
    return 5 * TIMES if TIMES < 20 else 100 * TIMES


def examples(usual: int) -> int:
    return usual * TIMES
