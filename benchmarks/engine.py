"""How fast the engine is. Run: python -m benchmarks.engine. Bounds: a decision 0.1 ms, all 8-level D6 paths 0.5 s."""

from time import perf_counter

from escalation.characteristics import paths
from escalation.engine.rule import recommend
from escalation.engine.terms import Outcome, Patient, Rule, Variant

RULE = Rule(Variant.D6)
PATIENTS = [Patient(level, Outcome.NO_DLT) for level in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)]
PATIENTS += [Patient(5, Outcome.DLT), Patient(5, Outcome.NO_DLT), Patient(5, Outcome.PENDING)]


def decision(times: int = 2000) -> float:
    """Seconds for one decision with a pending patient at level 5 of 8."""
    begun = perf_counter()
    for _ in range(times):
        recommend(PATIENTS, levels=8, rule=RULE)
    return (perf_counter() - begun) / times


def all_paths() -> float:
    """Seconds for the 16138 complete D6 paths of eight levels."""
    begun = perf_counter()
    assert sum(1 for _ in paths(8, RULE)) == 16138
    return perf_counter() - begun


if __name__ == "__main__":
    for name, seconds, bound in (
        ("one decision", min(decision() for _ in range(5)), 0.0001),
        ("all D6 paths of 8 levels", min(all_paths() for _ in range(3)), 0.5),
    ):
        print(f"{name}: {seconds * 1000:.3f} ms, bound {bound * 1000:g} ms, {'ok' if seconds <= bound else 'TOO SLOW'}")
