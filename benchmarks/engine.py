"""How fast the engine is. Run: python -m benchmarks.engine.

Bounds: a decision 0.1 ms, all 8-level D6 paths 0.5 s, how firm an answer of 8 levels and 40 patients is 20 ms.
"""

from time import perf_counter

from escalation.characteristics import paths
from escalation.engine.rule import recommend
from escalation.engine.terms import Outcome, Patient, Rule, Variant
from escalation.firm import by_counts, firmness

RULE = Rule(Variant.D6)
PATIENTS = [Patient(level, Outcome.NO_DLT) for level in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)]
PATIENTS += [Patient(5, Outcome.DLT), Patient(5, Outcome.NO_DLT), Patient(5, Outcome.PENDING)]
# Of many drawn trials of that size the slowest: pending patients at most levels, three verdicts change it.
FORTY = "NPNTP TPPPN PPTTN TNTPT NNNNP PNPTN NTNNN PNNTP"
SIGNS = {"T": Outcome.DLT, "N": Outcome.NO_DLT, "P": Outcome.PENDING}


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


def how_firm() -> float:
    """Seconds for the fewest verdicts that change the answer for 40 patients on 8 levels, and all ways to do it."""
    patients = [Patient(level, SIGNS[sign]) for level, five in enumerate(FORTY.split(), 1) for sign in five]
    by_counts.cache_clear()
    begun = perf_counter()
    assert firmness(patients, levels=8, rule=Rule(Variant.D6, early_stop=False)).fewest == 3
    return perf_counter() - begun


if __name__ == "__main__":
    for name, seconds, bound in (
        ("one decision", min(decision() for _ in range(5)), 0.0001),
        ("how firm, 8 levels and 40 patients", min(how_firm() for _ in range(5)), 0.02),
        ("all D6 paths of 8 levels", min(all_paths() for _ in range(3)), 0.5),
    ):
        print(f"{name}: {seconds * 1000:.3f} ms, bound {bound * 1000:g} ms, {'ok' if seconds <= bound else 'TOO SLOW'}")
