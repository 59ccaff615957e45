"""How fast the exact properties are. Run: python -m benchmarks.characteristics.

Bounds: 8 levels 50 ms in every variant, the path count of 6 levels 0.2 s, 12 levels 0.2 s.
"""

from time import perf_counter

from escalation import characteristics
from escalation.characteristics import properties
from escalation.engine.terms import Rule, Variant

RATES = [0.02, 0.05, 0.08, 0.10, 0.20, 0.30, 0.40, 0.50, 0.55, 0.60, 0.65, 0.70]


def seconds(variant: Variant, levels: int) -> float:
    characteristics._graph.cache_clear()  # the states are remembered: measure the first answer
    begun = perf_counter()
    properties(Rule(variant), RATES[:levels])
    return perf_counter() - begun


if __name__ == "__main__":
    asked = [(variant, 8, 0.05) for variant in Variant] + [(Variant.D6, 6, 0.2), (Variant.D6, 12, 0.2)]
    for variant, levels, bound in asked:
        took = min(seconds(variant, levels) for _ in range(5))
        said = "ok" if took <= bound else "TOO SLOW"
        print(f"{variant.value}, {levels} levels: {took * 1000:.1f} ms, bound {bound * 1000:g} ms, {said}")
