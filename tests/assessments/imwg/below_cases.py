"""Values below a limit, worked by hand from docs/domain.md, section 7: a rule is met only if every such value meets it.

The same shape as imwg_cases.py; "<5" stands as the filter reads it.
"""

from tests.assessments.imwg.imwg_cases import CLEAN, STRINGENT, B, Case, F, M, N, S, U, case, serum

BELOW: list[Case] = [
    # Falls and bounds.
    case("below 2.0 of 4.0 is a fall of 50 %", S, serum("<2.0"), "PR"),
    case("below 2.01 of 4.0 need be none", S, serum("<2.01"), "MR"),
    case("below 3.0 of 4.0 is a fall of 25 %", S, serum("<3"), "MR"),
    case("below 3.1 of 4.0 need not be", S, serum("<3.1"), "SD"),
    case("below 0.6 of 6.0 is a fall of 90 %", {"serum_m": 6}, serum("<0.6"), "VGPR"),
    case("below 0.7 of 6.0 is one of 88 %", {"serum_m": 6}, serum("<0.7"), "PR"),
    case("urine below 200 of 1000", B, serum(2, urine="<200"), "PR"),
    case("urine below 201 of 1000 need not be below 200", B, serum(2, urine="<201"), "MR"),
    case("urine below 300 of 3000 is a fall of 90 %", {"urine_m": 3000}, serum(0, urine="<300"), "PR"),
    case("urine below 100 is below 100", B, serum("0.3", urine="<100"), "VGPR"),
    case("urine below 101 need not be", B, serum("0.3", urine="<101"), "PR"),
    case("urine below 150, not measurable at baseline: PR at most", S, serum("0.3", urine="<150"), "PR"),
    case("kappa below 60, lambda 10: dFLC below 50 of 500", F, [{"kappa": "<60", "lambda": 10}], "VGPR"),
    case("kappa below 61: dFLC may be 50.9", F, [{"kappa": "<61", "lambda": 10}], "PR"),
    case("lambda below 10 may be 0: dFLC up to 60 of 500", F, [{"kappa": 60, "lambda": "<10"}], "PR"),
    case("lambda below 10 may be 0: dFLC up to 50 of 500", F, [{"kappa": 50, "lambda": "<10"}], "VGPR"),
    case(
        "baseline lambda below 10: dFLC more than 500, and 50 is 10 % of 500",
        {"kappa": 510, "lambda": "<10"},
        [{"kappa": 60, "lambda": 10}],
        "VGPR",
    ),
    case("and 51 is not", {"kappa": 510, "lambda": "<10"}, [{"kappa": 61, "lambda": 10}], "PR"),
    case("marrow below 20 of 40 % is a fall of 50 %", M, [{"marrow_pc": "<20"}], "PR"),
    case("marrow below 21 is not", M, [{"marrow_pc": "<21"}], "SD"),
    case("marrow below 5: CR", S, [{**CLEAN, "marrow_pc": "<5"}], "CR"),
    case("marrow below 6 need not be below 5", S, [{**CLEAN, "marrow_pc": "<6"}], "VGPR"),
    case("SPD below 2 of 4: the fall of 50 %", {**S, "spd": 4}, [{"serum_m": 1, "spd": "<2"}], "PR"),
    case("SPD below 2.1 is none", {**S, "spd": 4}, [{"serum_m": 1, "spd": "<2.1"}], "SD"),
    case("SPD below 1 may still be there", {**S, "spd": 4}, [{**CLEAN, "spd": "<1"}], "VGPR"),
    # As a baseline.
    case("serum below 1.0 is not measurable", {"serum_m": "<1.0"}, serum("0.4"), "NE"),
    case("nor is it below 3.0", {"serum_m": "<3"}, serum("0.4"), "NE"),
    case("urine below 300 is not measurable: serum decides", {**S, "urine_m": "<300"}, serum(1), "PR"),
    case("marrow below 40 is not measurable", {"marrow_pc": "<40"}, [{"marrow_pc": 10}], "NE"),
    case("kappa below 200 is not measurable", {"kappa": "<200", "lambda": 1}, [{"kappa": 5, "lambda": 1}], "NE"),
    case("as the baseline of a fall it proves none", {**U, "serum_m": "<0.9"}, serum("0.01", urine=50), "PR"),
    case("SPD below 2: there may have been one", {**S, "spd": "<2"}, [{"serum_m": 1, "spd": "0.1"}], "SD"),
    case("and if it is gone it fell", {**S, "spd": "<2"}, [{"serum_m": 1, "spd": 0}], "PR"),
    # The ratio.
    case(
        "kappa 500 beside lambda below 5: a ratio above 100",
        {"kappa": 500, "lambda": "<5"},
        [{"kappa": 40, "lambda": 4}],
        "VGPR",
    ),
    case(
        "kappa below 5 beside lambda 10 need not be normal",
        S,
        [{**STRINGENT, "ratio": None, "kappa": "<5", "lambda": 10}],
        "CR",
    ),
    case("a ratio given beside it is taken", S, [{**STRINGENT, "kappa": "<5", "lambda": 10}], "sCR"),
    case("ratio below 1.65 may be 0", S, [{**STRINGENT, "ratio": "<1.65"}], "CR"),
    # The exception: what electrophoresis does not see.
    case("serum below 0.5, immunofixation negative: gone", {"serum_m": 1}, [{**CLEAN, "serum_m": "<0.5"}], "CR"),
    case(
        "serum below 0.5, positive: seen by it only",
        {"serum_m": 1},
        [{**CLEAN, "serum_m": "<0.5", "ife_serum": "positive"}],
        "VGPR",
    ),
    case("serum below 0.5, not looked at: one of the two", {"serum_m": 1}, serum("<0.5"), "VGPR"),
    case("serum below 0.51, negative, is by its fall of 49 %", {"serum_m": 1}, [{**CLEAN, "serum_m": "<0.51"}], "MR"),
    case(
        "serum below 0.51 of 6, negative, is not known to be gone",
        {"serum_m": 6},
        [{**CLEAN, "serum_m": "<0.51"}],
        "VGPR",
    ),
    case(
        "serum below 0.51 of 6, positive",
        {"serum_m": 6},
        [{**CLEAN, "serum_m": "<0.51", "ife_serum": "positive"}],
        "VGPR",
    ),
    case(
        "serum gone beside urine measured 100: PR", {"serum_m": 1}, [{**CLEAN, "serum_m": "<0.5", "urine_m": 100}], "PR"
    ),
    case("serum gone without urine: PR", {"serum_m": 1}, [{**CLEAN, "serum_m": "<0.5", "urine_m": None}], "PR"),
    case("urine below 100, negative: gone", B, [{**CLEAN, "urine_m": "<100"}], "CR"),
    case("urine below 101, negative, need not be below 100", B, [{**CLEAN, "urine_m": "<101"}], "PR"),
    case("urine below 100, positive: VGPR", B, [{**CLEAN, "urine_m": "<100", "ife_urine": "positive"}], "VGPR"),
    case(
        "light chain disease: serum below 0.1 is gone",
        {"serum_m": "<0.1", "urine_m": 1000},
        serum("<0.1", urine=50),
        "VGPR",
    ),
    case(
        "light chain disease: serum below 0.8 is not",
        {"serum_m": "<0.8", "urine_m": 1000},
        serum("<0.8", urine=50),
        "PR",
    ),
    case(
        "a measurable limit below electrophoresis: serum 0.6 to below 0.5",
        {"serum_m": "0.6"},
        serum("<0.5"),
        "VGPR",
        measurable_serum="0.5",
    ),
    # Rises.
    case("0, 0, then below 0.5: no rise", S, serum(0, 0, "<0.5", "<0.5"), "VGPR VGPR VGPR VGPR"),
    case("0, 0, then below 3: still none, and a fall of 25 %", S, serum(0, 0, "<3"), "VGPR VGPR MR"),
    case("2.0 after below 0.5 twice: a rise of 1.5", {"serum_m": 3}, serum("<0.5", "<0.5", "2.0"), "VGPR VGPR PD"),
    case("0.99 after it: of 0.49", {"serum_m": 3}, serum("<0.5", "<0.5", "0.99"), "VGPR VGPR PR"),
    case("1.0 after it: more than 0.5", {"serum_m": 3}, serum("<0.5", "<0.5", "1.0"), "VGPR VGPR PD"),
    case("one below 0.5 is no confirmed nadir", {"serum_m": 3}, serum("<0.5", "2.0", "2.0"), "VGPR MR MR"),
    case("below 0.5 and 0.3: the nadir is below 0.5", {"serum_m": 3}, serum("<0.5", "0.3", "0.99"), "VGPR VGPR PR"),
    case(
        "gone by immunofixation, yet 0.6 after below 0.5 proves no rise of 0.5",
        {"serum_m": 3},
        [{**CLEAN, "serum_m": "<0.5"}, {**CLEAN, "serum_m": "<0.5"}, *serum("0.6")],
        "CR CR PR",
    ),
    case("urine 250 after below 50 twice", B, serum(1, 1, urine="<50") + serum(1, urine=250), "PR PR PD"),
    case("urine 249 after it", B, serum(1, 1, urine="<50") + serum(1, urine=249), "PR PR MR"),
    case("baseline below 6, then 7: a rise of 1 or of 25 %", {"serum_m": "<6"}, serum(7), "PD"),
    case("baseline below 6, then 6.9: not from 5.95", {"serum_m": "<6"}, serum("6.9"), "NE"),
    case("baseline below 5.1, then 6.2: not from 4.99, which asks for 6.24", {"serum_m": "<5.1"}, serum("6.2"), "NE"),
    case(
        "dFLC from below 5 to 105: more than 100 whatever it was",
        N | {"kappa": "<5", "lambda": 0, "ratio": 1},
        [{"kappa": 105, "lambda": 0}],
        "PD",
    ),
    case(
        "dFLC from 5 to 105 is exactly 100",
        N | {"kappa": 5, "lambda": 0, "ratio": 1},
        [{"kappa": 105, "lambda": 0}],
        "NE",
    ),
    case("marrow below 5, then 15 %", N | {"marrow_pc": "<5"}, [{"marrow_pc": 15}], "PD"),
    case("marrow below 5, then 14.9 %", N | {"marrow_pc": "<5"}, [{"marrow_pc": "14.9"}], "NE"),
    case(
        "SPD below 1, then 1.5", {**S, "spd": 4}, [{"serum_m": 1, "spd": "<1"}, {"serum_m": 1, "spd": "1.5"}], "PR PD"
    ),
    case(
        "SPD below 1, then 1.4", {**S, "spd": 4}, [{"serum_m": 1, "spd": "<1"}, {"serum_m": 1, "spd": "1.4"}], "PR PR"
    ),
    case("calcium below 12 is not above 11.5", S, [{"serum_m": 4, "calcium": "<12"}], "SD", hypercalcaemia_is_pd=True),
    case(
        "circulating cells below 300 are no 200",
        {"circulating_pc_per_ul": 100},
        [{"circulating_pc_per_ul": "<300"}],
        "NE",
    ),
    case(
        "circulating cells 225 after below 150",
        {"circulating_pc_per_ul": "<150"},
        [{"circulating_pc_per_ul": 225}],
        "PD",
    ),
]
