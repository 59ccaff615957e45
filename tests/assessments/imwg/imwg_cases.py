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
    case("urine only: below 100 is VGPR", U, [{"urine_m": 99}], "VGPR"),
    case("urine only: 100 is not below 100", U, [{"urine_m": 100}], "PR"),
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
    case("marrow only: 3 % and immunofixation negative is CR", M, [CLEAN], "CR"),
    case("marrow only: 3 % without immunofixation is PR", M, [{"marrow_pc": 3}], "PR"),
    case("nothing measurable: NE, whatever serum does", N, serum("1.4"), "NE", best="NE"),
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
    # PD.
    case("from 5.0 a rise of 1 g/dL is enough: 20 %", {"serum_m": 5}, serum(6), "PD"),
    case("from 5.0 a rise of 0.99 is not", {"serum_m": 5}, serum("5.99"), "SD"),
    case("from 4.9 a rise of 1 is only 20 %", {"serum_m": "4.9"}, serum("5.9"), "SD"),
    case("from 4.0 a rise of 1 is 25 %", {"serum_m": 4}, serum(5), "PD"),
    case("urine 1000 to 1250: 250 and 25 %", U, [{"urine_m": 1250}], "PD"),
    case("urine 1000 to 1249 is below 25 %", U, [{"urine_m": 1249}], "SD"),
    case("urine 0 to 200, not measurable at baseline: PD", S, serum(2, urine=200), "PD"),
    case("urine 0 to 199 is no rise of 200", S, serum(2, urine=199), "PR"),
    case("serum not measurable, 0.3 to 0.8: PD", U, [{"urine_m": 500, "serum_m": "0.8"}], "PD"),
    case(
        "dFLC does not count where serum is measurable",
        {**F, "serum_m": 4},
        [{"serum_m": 4, "kappa": 900, "lambda": 9}],
        "SD",
    ),
    case("dFLC 500 to 640: 28 % and more than 100", F, [{"kappa": 650, "lambda": 10}], "PD"),
    case(
        "dFLC 400 to 500: exactly 100 is not more", {"kappa": 410, "lambda": 10}, [{"kappa": 510, "lambda": 10}], "SD"
    ),
    case("dFLC 500 to 624 is below 25 %", F, [{"kappa": 634, "lambda": 10}], "SD"),
    case("marrow only: 40 to 50 %: 10 points and 25 %", M, [{"marrow_pc": 50}], "PD"),
    case("marrow only: 48 to 58 %: 10 points but 20.8 %", {"marrow_pc": 48}, [{"marrow_pc": 58}], "SD"),
    case("marrow does not count where serum is measurable", S, [{"serum_m": 4, "marrow_pc": 80}], "SD"),
    case(
        "marrow only: dFLC counts beside it, from 40 to 190",
        {"marrow_pc": 40, "kappa": 50, "lambda": 10},
        [{"marrow_pc": 40, "kappa": 200, "lambda": 10}],
        "PD",
    ),
    case(
        "marrow only: a rise that merely stands is no second value (20 + 10 points and 25 %: 32 is PD)",
        M,
        [{"marrow_pc": 20}, {"marrow_pc": 32}, {"serum_m": 0}],
        "PR PD NE",
        confirmed="SD NE NE",
        best="SD",
        unconfirmed="PR",
    ),
    case(
        "marrow only: the second value is the next marrow, a visit without one between them is skipped",
        M,
        [{"marrow_pc": 20}, {"marrow_pc": 32}, {"serum_m": 0}, {"marrow_pc": 33}],
        "PR PD NE PD",
        confirmed="SD PD - -",
        best="SD",
        unconfirmed="PR",
    ),
    case(
        "marrow only: a fall stands until the next marrow, and so confirms the response",
        M,
        [{"marrow_pc": 20}, {"serum_m": 0}],
        "PR PR",
        confirmed="PR PR",
        best="PR",
        unconfirmed="PR",
    ),
    case(
        "new lesion in VGPR: PD at once",
        S,
        [{**serum("0.2")[0], "new_lesion": True}],
        "PD",
        confirmed="PD",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "SPD 2 to 3 is 50 % above the lowest value, at once",
        {**S, "spd": 4},
        [{"serum_m": 1, "spd": 2}, {"serum_m": 1, "spd": 3}],
        "PR PD",
        confirmed="SD PD",
        best="SD",
        unconfirmed="PR",
    ),
    case(
        "SPD 2 to 2.9 is not",
        {**S, "spd": 4},
        [{"serum_m": 1, "spd": 2}, {"serum_m": 1, "spd": "2.9"}],
        "PR SD",
        confirmed="SD SD",
        best="SD",
        unconfirmed="PR",
    ),
    case(
        "a plasmacytoma where there was none: PD",
        {**S, "spd": 0},
        [{"serum_m": 1, "spd": "0.5"}],
        "PD",
        confirmed="PD",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "longest diameter 2 to 3 of a lesion of 1.2 cm: PD",
        {**S, "longest_diameter": 2, "short_axis": "1.2"},
        [{"serum_m": 1, "longest_diameter": 3, "short_axis": "1.4"}],
        "PD",
        confirmed="PD",
        best="PD",
        unconfirmed="PD",
    ),
    case(
        "longest diameter of a lesion of 1.0 cm does not count",
        {**S, "longest_diameter": 2, "short_axis": 1},
        [{"serum_m": 1, "longest_diameter": 3, "short_axis": "1.4"}],
        "PR",
    ),
    case(
        "circulating cells, the only measure: 150 to 225/µL is 50 %",
        {"circulating_pc_per_ul": 150},
        [{"circulating_pc_per_ul": 225}],
        "PD",
        confirmed="NE",
        best="NE",
        unconfirmed="PD",
    ),
    case("circulating cells below 200/µL", {"circulating_pc_per_ul": 100}, [{"circulating_pc_per_ul": 199}], "NE"),
    case(
        "circulating cells beside measurable serum do not count",
        {**S, "circulating_pc_per_ul": 100},
        [{"serum_m": 4, "circulating_pc_per_ul": 900}],
        "SD",
    ),
    case("calcium 11.6 is an alert only", S, [{"serum_m": 4, "calcium": "11.6"}], "SD"),
    case("calcium 11.6 by the setting: PD", S, [{"serum_m": 4, "calcium": "11.6"}], "PD", hypercalcaemia_is_pd=True),
    case("calcium 11.5 is not above it", S, [{"serum_m": 4, "calcium": "11.5"}], "SD", hypercalcaemia_is_pd=True),
    # The nadir.
    case(
        "one low value is no confirmed nadir: the pair 0.5, 1.5 gives 1.5",
        S,
        serum("0.5", "1.5", "1.9"),
        "PR PR PR",
        confirmed="PR PR PR",
        best="PR",
        unconfirmed="PR",
    ),
    case(
        "the lowest value by the setting: 0.5 to 1.5 is PD",
        S,
        serum("0.5", "1.5", "1.9"),
        "PR PD PD",
        confirmed="SD PD -",
        best="SD",
        unconfirmed="PR",
        nadir="lowest",
    ),
    case(
        "two values 0.4, 0.5 make a nadir of 0.5; 1.0 is PD",
        S,
        serum("0.4", "0.5", "1.0", "1.1"),
        "VGPR PR PD PD",
        confirmed="PR PR PD -",
        best="PR",
        unconfirmed="VGPR",
    ),
    case(
        "a value missing between them still makes a pair",
        S,
        [{"serum_m": 1}, {"urine_m": 0}, {"serum_m": 1}, {"serum_m": "1.5"}, {"serum_m": "1.5"}],
        "PR NE PR PD PD",
        confirmed="PR NE PR PD -",
        best="PR",
        unconfirmed="PR",
    ),
    case(
        "from a confirmed zero 0.5 is PD, 0.49 is not",
        S,
        serum(0, 0, "0.49", "0.5", "0.6"),
        "VGPR VGPR PR PD PD",
        confirmed="VGPR VGPR VGPR PD -",
        best="VGPR",
        unconfirmed="VGPR",
    ),
    # Confirmation.
    case("CR then PR: PR", S, [CLEAN, *serum("1.5")], "CR PR", confirmed="PR PR", best="PR", unconfirmed="CR"),
    case(
        "a PD that nothing confirms: this visit is NE, the best confirmed stays",
        S,
        serum(1, 1, "2.5"),
        "PR PR PD",
        confirmed="PR PR NE",
        best="PR",
        unconfirmed="PR",
    ),
    case(
        "a PD that the next value does not confirm is NE, and an NE between a pair is skipped",
        S,
        serum(1, "1.6", 1),
        "PR PD PR",
        confirmed="PR NE PR",
        best="PR",
        unconfirmed="PR",
        nadir="lowest",
    ),
    case(
        "or breaks the pair by the setting",
        S,
        serum(1, "1.6", 1),
        "PR PD PR",
        confirmed="SD NE SD",
        best="SD",
        unconfirmed="PR",
        nadir="lowest",
        ne="break",
    ),
    case(
        "every first PD counts by the setting",
        S,
        serum(1, 1, "1.6", 1),
        "PR PR PD PR",
        confirmed="PR PR PD -",
        best="PR",
        unconfirmed="PR",
        pd_confirmation=False,
    ),
]
