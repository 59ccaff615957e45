"""Responses worked by hand from docs/domain.md, section 7, each with its reason; never copied from the output.

Visits are 28 days apart; "-" is a visit that does not count. Baselines: S serum 4.0 g/dL (marrow 40 %), B serum 4.0 and
urine 1000, U urine 1000, F kappa 510 / lambda 10 (dFLC 500), M marrow 40 % only, N nothing measurable.
"""

from dataclasses import dataclass
from typing import Any

S = {"serum_m": 4, "urine_m": 0, "marrow_pc": 40}
B = {"serum_m": 4, "urine_m": 1000}
U = {"serum_m": "0.3", "urine_m": 1000}
F = {"serum_m": 0, "urine_m": 0, "kappa": 510, "lambda": 10, "ratio": 51}
M = {"marrow_pc": 40}
N = {"serum_m": "0.4", "urine_m": 100, "kappa": 20, "lambda": 15, "ratio": "1.3", "marrow_pc": 8}
CLEAN = {"serum_m": 0, "urine_m": 0, "ife_serum": "negative", "ife_urine": "negative", "marrow_pc": 3}
STRINGENT = {**CLEAN, "ratio": 1, "marrow_clonal": False}


@dataclass(frozen=True)
class Case:
    reason: str
    baseline: dict[str, Any] | None
    visits: list[dict[str, Any]]
    derived: str
    confirmed: str | None
    best: str | None
    unconfirmed: str | None
    settings: dict[str, Any]


def case(
    reason: str,
    baseline: dict[str, Any] | None,
    visits: list[dict[str, Any]],
    derived: str,
    confirmed: str | None = None,
    best: str | None = None,
    unconfirmed: str | None = None,
    **settings: object,
) -> Case:
    return Case(reason, baseline, visits, derived, confirmed, best, unconfirmed, settings)


def serum(*values: object, urine: object = 0) -> list[dict[str, Any]]:
    return [{"serum_m": value, "urine_m": urine} for value in values]


CASES = [
    # The bands, half-open, on unrounded values.
    case("1.3 to 0.13 is a fall of exactly 90 %", {"serum_m": "1.3"}, serum("0.13"), "VGPR"),
    case("0.1301 of 1.3 is a fall of 89.99 %", {"serum_m": "1.3"}, serum("0.1301"), "PR"),
    case("1.2 to 0.9 is a fall of exactly 25 %", {"serum_m": "1.2"}, serum("0.9"), "MR"),
    case("0.901 of 1.2 is a fall of 24.9 %", {"serum_m": "1.2"}, serum("0.901"), "SD"),
    case("2 to 1 is a fall of exactly 50 %", {"serum_m": 2}, serum(1), "PR"),
    case("1.001 of 2 is a fall of 49.95 %", {"serum_m": 2}, serum("1.001"), "MR"),
    case("1.8 to 2.3 is a rise of 0.5 and 27.8 %", {"serum_m": "1.8"}, serum("2.3"), "PD"),
    case("2.2999 of 1.8 rises by less than 0.5", {"serum_m": "1.8"}, serum("2.2999"), "SD"),
    # Which parameters are measurable, and which decide.
    case("serum 1.0 is measurable", {"serum_m": 1}, serum("0.4"), "PR"),
    case("serum 0.99 is not", {"serum_m": "0.99"}, serum("0.4"), "NE"),
    case("by the setting 0.5 serum 0.5 is", {"serum_m": "0.5"}, serum("0.2"), "PR", measurable_serum="0.5"),
    case("both must respond: serum 75 % but urine 40 %", B, serum(1, urine=600), "SD"),
    case("both respond: serum 75 % is PR, urine 60 % MR", B, serum(1, urine=400), "MR"),
    case("urine below 200 is PR though it fell by 81 % only", B, serum(1, urine=190), "PR"),
    case("urine 200 of 1000 is not below 200: MR", B, serum(1, urine=200), "MR"),
    case("urine 500 of 1000 is a fall of 50 %: MR", U, [{"urine_m": 500}], "MR"),
    case("urine 501 of 1000 is a fall of 49.9 %: SD", U, [{"urine_m": 501}], "SD"),
    case("urine 300 of 3000 fell by 90 %: PR though above 200", {"urine_m": 3000}, [{"urine_m": 300}], "PR"),
    case("urine only: below 100 and serum gone is VGPR", U, [{"urine_m": 99, "serum_m": 0}], "VGPR"),
    case("urine only: 100 is not below 100", U, [{"urine_m": 100, "serum_m": 0}], "PR"),
    case("urine only: VGPR asks of the serum too: 0.3 stayed", U, [{"urine_m": 50, "serum_m": "0.3"}], "PR"),
    case("urine only: serum 0.3 to 0.03 fell by 90 %", U, [{"urine_m": 50, "serum_m": "0.03"}], "VGPR"),
    case("urine only: serum 0.3 to 0.031 did not", U, [{"urine_m": 50, "serum_m": "0.031"}], "PR"),
    case("urine only: serum not measured again: PR at most", U, [{"urine_m": 50}], "PR"),
    case("urine only: serum 0.1 with none at baseline is not gone", {"urine_m": 1000}, serum("0.1"), "PR"),
    case("FLC only: serum 0.4 is not asked", {**F, "serum_m": "0.4"}, [{"kappa": 60, "lambda": 10}], "VGPR"),
    case("serum 90 % with urine 100 (not measurable) is PR", S, serum("0.4", urine=100), "PR"),
    case("serum 90 % without urine is PR: VGPR needs urine", S, [{"serum_m": "0.4"}], "PR"),
    case("serum 30 % without urine is MR: baseline urine was below 200", S, [{"serum_m": "2.8"}], "MR"),
    case("measurable urine missing: NE", B, [{"serum_m": 1}], "NE", confirmed="NE", best="NE", unconfirmed="NE"),
    case("measurable serum missing: NE", B, [{"urine_m": 10}], "NE"),
    case("measurable urine missing, but serum shows PD", B, [{"serum_m": 5}], "PD"),
    case("FLC do not decide where serum is measurable", {**F, "serum_m": 4}, serum("4.1"), "SD"),
    case("FLC only: dFLC 50 of 500 fell by 90 %", F, [{"kappa": 60, "lambda": 10}], "VGPR"),
    case("FLC only: dFLC 51 of 500 fell by 89.8 %", F, [{"kappa": 61, "lambda": 10}], "PR"),
    case("FLC only: dFLC 300 of 500 fell by 40 %; no MR, so SD", F, [{"kappa": 310, "lambda": 10}], "SD"),
    case("FLC only: a chain missing is NE", F, [{"kappa": 60, "serum_m": 0}], "NE"),
    case("FLC only: kappa below lambda is dFLC 0, not -5", F, [{"kappa": 5, "lambda": 10}], "VGPR"),
    case("involved lambda 99 is not measurable", {"kappa": 10, "lambda": 99}, [{"kappa": 10, "lambda": 20}], "NE"),
    case("involved lambda 100 of ratio 0.1 is", {"kappa": 10, "lambda": 100}, [{"kappa": 10, "lambda": 55}], "PR"),
    case(
        "kappa 200, lambda 150: ratio 1.33 is normal, not measurable",
        {"kappa": 200, "lambda": 150},
        [{"kappa": 20, "lambda": 15}],
        "NE",
    ),
    case("marrow only: 20 of 40 % is PR", M, [{"marrow_pc": 20}], "PR"),
    case("marrow only: 25 of 40 %: no MR, so SD", M, [{"marrow_pc": 25}], "SD"),
    case("marrow only: 29 % at baseline is not measurable", {"marrow_pc": 29}, [{"marrow_pc": 10}], "NE"),
    case("marrow only: 31 to 41.1 % is a rise of 32 %: PD at once", {"marrow_pc": 31}, [{"marrow_pc": "41.1"}], "PD"),
    case(
        "FLC measurable: marrow does not count, 10 to 60 %",
        {**F, "marrow_pc": 10},
        [{"kappa": 500, "lambda": 10, "marrow_pc": 60}],
        "SD",
    ),
    case("marrow only: 3 % and immunofixation negative is CR", M, [CLEAN], "CR"),
    case("marrow only: 3 % without immunofixation is PR", M, [{"marrow_pc": 3}], "PR"),
    case(
        "nothing measurable: no response can be claimed",
        N,
        serum(0, 0),
        "NE NE",
        confirmed="NE NE",
        best="NE",
        unconfirmed="NE",
    ),
    case(
        "nothing measurable: PD counts by the same rules, here serum from 0.4 to 0.9, twice",
        N,
        serum("0.9", "0.9"),
        "PD PD",
        confirmed="PD -",
        best="PD",
        unconfirmed="PD",
    ),
    case("nothing measurable: serum 0.89 is no rise of 0.5", N, serum("0.89"), "NE"),
    case("nothing measurable: urine 100 to 300", N, serum("0.4", urine=300), "PD"),
    case("nothing measurable: marrow 8 to 18 %, 10 points", N, [{"marrow_pc": 18}], "PD", confirmed="PD"),
    case("nothing measurable: marrow 8 to 17.9 % is not", N, [{"marrow_pc": "17.9"}], "NE"),
    case("nothing measurable: calcium 12 by the setting", N, [{"calcium": 12}], "PD", hypercalcaemia_is_pd=True),
    case(
        "nothing measurable: a visit without that rise refutes the first",
        N,
        [{**N, "serum_m": value} for value in ("0.9", "0.4", "0.9", "0.9")],
        "PD NE PD PD",
        confirmed="NE NE PD -",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "nothing measurable: where light chains were not measured again, nothing is refuted",
        N,
        serum("0.9", "0.4", "0.9", urine=100),
        "PD NE PD",
        confirmed="PD - -",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "light chains escape: ratio normal at baseline, kappa 20 to 300 beside lambda 15",
        N,
        [{"kappa": 21, "lambda": 15}, {"kappa": 300, "lambda": 15}],
        "NE PD",
    ),
    case(
        "light chains escape in lambda: dFLC from 0 to 101",
        N,
        [{"kappa": 20, "lambda": 121}],
        "PD",
    ),
    case("light chains: dFLC from 0 to exactly 100 is not more than 100", N, [{"kappa": 20, "lambda": 120}], "NE"),
    case(
        "light chains while the ratio is normal: no chain is involved yet, whatever their difference",
        N,
        [{"kappa": 800, "lambda": 500}],
        "NE",
    ),
    case(
        "light chains do not escape where serum is measurable",
        {**N, "serum_m": 4},
        [{"serum_m": 1, "urine_m": 0, "kappa": 900, "lambda": 5}],
        "PR",
    ),
    case(
        "nothing measurable, new lesion: PD",
        N,
        [{"new_lesion": True}],
        "PD",
        confirmed="PD",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "nothing measurable, SPD 4 to 6: PD",
        {**N, "spd": 4},
        [{"spd": 6}],
        "PD",
        confirmed="PD",
        best="PD",
        unconfirmed="PD",
    ),
    case("nothing was measured at all", S, [{}], "NE", confirmed="NE", best="NE", unconfirmed="NE"),
    case("no baseline: nothing is measurable", None, serum(1), "NE"),
    # CR and sCR, and what lowers them.
    case("everything there: sCR", S, [STRINGENT], "sCR"),
    case("clonality not looked at: CR", S, [{**STRINGENT, "marrow_clonal": None}], "CR"),
    case("clonal cells there: CR", S, [{**STRINGENT, "marrow_clonal": True}], "CR"),
    case("ratio missing: CR", S, [{**STRINGENT, "ratio": None}], "CR"),
    case("ratio 1.65 is normal", S, [{**STRINGENT, "ratio": "1.65"}], "sCR"),
    case("ratio 1.66 is not: CR", S, [{**STRINGENT, "ratio": "1.66"}], "CR"),
    case("ratio 0.25 is not: CR", S, [{**STRINGENT, "ratio": "0.25"}], "CR"),
    case("serum immunofixation positive: VGPR", S, [{**CLEAN, "ife_serum": "positive"}], "VGPR"),
    case("urine immunofixation missing: VGPR", S, [{**CLEAN, "ife_urine": None}], "VGPR"),
    case("marrow missing: VGPR", S, [{**CLEAN, "marrow_pc": None}], "VGPR"),
    case("marrow 5 % is not below 5: VGPR", S, [{**CLEAN, "marrow_pc": 5}], "VGPR"),
    case("urine missing: PR, immunofixation notwithstanding", S, [{**CLEAN, "urine_m": None}], "PR"),
    case("FLC only: CR asks for a normal ratio", F, [{**CLEAN, "kappa": 40, "lambda": 10}], "VGPR"),
    case("FLC only: with a normal ratio CR", F, [{**CLEAN, "kappa": 12, "lambda": 10}], "CR"),
    case("a plasmacytoma of baseline that is smaller but there: VGPR", {**S, "spd": 4}, [{**CLEAN, "spd": 1}], "VGPR"),
    case("a plasmacytoma of baseline that is gone: CR", {**S, "spd": 4}, [{**CLEAN, "spd": 0}], "CR"),
    case("gone by their number", {**S, "spd": 4, "lesions": 2}, [{**CLEAN, "lesions": 0}], "CR"),
    case("counted, never measured: VGPR at most", S, [{**CLEAN, "lesions": 1}], "VGPR"),
    case("a lesion that is measured by its diameter is there", S, [{**CLEAN, "longest_diameter": 1}], "VGPR"),
    case("spike of 0.1 beside negative immunofixation: VGPR", S, [{**CLEAN, "serum_m": "0.1"}], "VGPR"),
    case("spike of 0.5 beside negative immunofixation: PR, by the fall", S, [{**CLEAN, "serum_m": "0.5"}], "PR"),
    case("urine 50 beside negative immunofixation: VGPR", S, [{**CLEAN, "urine_m": 50}], "VGPR"),
    case(
        "FLC only: a spike beside negative immunofixation: VGPR",
        F,
        [{**CLEAN, "serum_m": "0.2", "kappa": 12, "lambda": 10}],
        "VGPR",
    ),
    # Plasmacytomas.
    case("SPD 4 to 2 fell by 50 %: serum decides", {**S, "spd": 4}, [{"serum_m": 1, "spd": 2}], "PR"),
    case("SPD 4 to 2.1 did not: SD, though serum fell by 75 %", {**S, "spd": 4}, [{"serum_m": 1, "spd": "2.1"}], "SD"),
    case("SPD not measured again: the fall is not shown, SD", {**S, "spd": 4}, [{"serum_m": 1}], "SD"),
    case("VGPR needs the fall of the plasmacytoma too", {**S, "spd": 4}, serum("0.2"), "SD"),
    case(
        "SPD 2 stands until the next imaging",
        {**S, "spd": 4},
        [{"serum_m": 1, "spd": 2}, {"serum_m": 1}],
        "PR PR",
        confirmed="PR PR",
        best="PR",
        unconfirmed="PR",
    ),
    case(
        "never back: imaging at the second visit says nothing of the first",
        {**S, "spd": 4},
        [{"serum_m": 1}, {"serum_m": 1, "spd": 2}],
        "SD PR",
        confirmed="SD SD",
        best="SD",
        unconfirmed="PR",
    ),
]
