"""The 3+3 rule, state by state. T = a DLT, N = none, P = pending, S = suspected, X = not evaluable."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from escalation.characteristics import paths
from escalation.engine.__main__ import answer
from escalation.engine.rule import level_says, recommend
from escalation.engine.terms import (
    Action,
    Bracket,
    Choice,
    Flag,
    Outcome,
    Patient,
    Recommendation,
    Role,
    Rule,
    Tally,
    Variant,
)

LETTERS = dict(
    zip("TNPSX", (Outcome.DLT, Outcome.NO_DLT, Outcome.PENDING, Outcome.SUSPECTED, Outcome.NOT_EVALUABLE), strict=True)
)
REFERENCE = Path(__file__).parents[2] / "data" / "engine_paths_two_levels.csv"
FOUR = Rule(Variant.D6, a=4, b=4, c=1, d=1, e=2)


def patients(path: str) -> list[Patient]:
    return [Patient(int(cohort[0]), LETTERS[letter]) for cohort in path.split() for letter in cohort[1:]]


def after(
    path: str,
    levels: int = 3,
    variant: Variant = Variant.D6,
    rule: Rule | None = None,
    start: int = 1,
    closed: int | None = None,
) -> Recommendation:
    return recommend(patients(path), levels=levels, rule=rule or Rule(variant), start=start, closed_by_committee=closed)


def brief(advice: Recommendation) -> tuple[str, int, int]:
    return advice.action.value, advice.level, advice.slots


# Against independent programs


@pytest.mark.parametrize(
    "row", list(csv.DictReader(REFERENCE.open())), ids=lambda row: f"{row['variant']} {row['cohorts']}"
)
def test_every_reference_path_ends_as_in_the_reference(row):
    ends = {"top_level_tolerated": {"top_tolerated"}, "recommended": {"mtd", "top_tolerated"}}

    advice = answer({"variant": row["variant"], "levels": 2, "cohorts": row["cohorts"]})

    assert advice["action"] in ends.get(row["outcome"], {row["outcome"]})
    assert advice["level"] == int(row["level"])
    assert (advice["action"] == "top_tolerated") == (advice["level"] == 2)
    assert advice["flags"] == []


@pytest.mark.parametrize("variant", ["D6", "D3", "N"])
def test_the_engine_lists_exactly_the_reference_paths(variant):
    listed = {
        " ".join(f"{level}:{dlts}/{size}" for level, dlts, size in path.cohorts)
        for path in paths(2, Rule(Variant(variant)))
    }

    assert listed == {row["cohorts"] for row in csv.DictReader(REFERENCE.open()) if row["variant"] == variant}


@pytest.mark.parametrize(
    ("variant", "levels", "count"),
    [
        *[(Variant.D6, k, n) for k, n in enumerate((10, 46, 154, 442, 1162, 2890, 6922, 16138), 1)],
        *[(Variant.D3, k, n) for k, n in enumerate((34, 118, 346, 922, 2314, 5578, 13066), 2)],
        *[(Variant.N, k, n) for k, n in enumerate((7, 19, 43, 91, 187, 379, 763, 1531), 1)],
    ],
)
def test_the_number_of_complete_paths_is_the_published_one(variant, levels, count):
    assert sum(1 for _ in paths(levels, Rule(variant))) == count


@pytest.mark.parametrize(("start", "count"), [(2, 1021), (3, 2638)])
def test_the_number_of_paths_from_a_higher_start_is_the_published_one(start, count):
    assert sum(1 for _ in paths(5, Rule(Variant.D3), start)) == count


def test_every_mtd_of_d6_stands_on_six_patients_with_at_most_one_dlt():
    for path in paths(4, Rule(Variant.D6)):
        here = [(dlts, size) for level, dlts, size in path.cohorts if level == path.level]
        if path.level:
            assert sum(size for _, size in here) == 6
            assert sum(dlts for dlts, _ in here) <= 1


# One level at a time


@pytest.mark.parametrize(
    ("evaluable", "dlts", "row"),
    [
        (2, 2, "R1"), (6, 2, "R1"), (9, 2, "R1"), (0, 0, "R2"), (2, 1, "R2"), (3, 0, "R3"), (3, 1, "R4"),
        (4, 0, "R5"), (5, 0, "R5"), (4, 1, "R6"), (5, 1, "R6"), (6, 0, "R7"), (6, 1, "R7"), (9, 1, "R7"),
    ],
)  # fmt: skip
def test_a_level_says_the_row_of_the_table(evaluable, dlts, row):
    assert level_says(Tally(1, evaluable, dlts), Rule(Variant.D6)).rule == row


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ("enrol", 1, 3)),
        ("1N", ("enrol", 1, 2)),
        ("1T", ("enrol", 1, 2)),  # never escalate on 1, nor on 2
        ("1NN", ("enrol", 1, 1)),
        ("1TT", ("none_tolerated", 0, 0)),  # the third place is not given
        ("1NNN", ("escalate", 2, 3)),
        ("1NNT", ("expand", 1, 3)),
        ("1NNT 1N", ("enrol", 1, 2)),
        ("1NNNN", ("escalate", 2, 3)),  # an extra clean patient never blocks
        ("1NNT 1NNN", ("escalate", 2, 3)),
        ("1NNT 1NNT", ("none_tolerated", 0, 0)),  # 2/6 is not 1/3
        ("1NNN 2TT", ("de_escalate", 1, 3)),
        ("1NNN 2TTN 1N", ("enrol", 1, 2)),
        ("1NNT 1NNN 2TT", ("mtd", 1, 0)),
        ("1NNN 2NNN 3NNN", ("expand", 3, 3)),
        ("1NNN 2NNN 3NNN 3NNT", ("top_tolerated", 3, 0)),
    ],
)
def test_known_states(path, expected):
    assert brief(after(path)) == expected


def test_the_sentence_can_be_read_to_a_committee():
    assert after("1NNN 2NNN").because == "0/3 DLT at level 2: escalate to level 3."
    assert after("").because == "Nobody treated yet: enrol up to 3 at level 1."
    assert after("1NNT 1NNN 2TT").because == "2/2 DLT at level 2: level 1 is the MTD with 1/6 DLT."


@pytest.mark.parametrize(
    ("variant", "path", "expected"),
    [
        (Variant.D3, "1NNN 2NNN 3NNN", ("top_tolerated", 3, 0)),
        (Variant.D3, "1NNN 2TT", ("de_escalate", 1, 3)),
        (Variant.D3, "1NNN 2NNN 3NNT", ("expand", 3, 3)),
        (Variant.N, "1NNN 2NNN 3NNN", ("top_tolerated", 3, 0)),
        (Variant.N, "1NNN 2TT", ("mtd", 1, 0)),
        (Variant.N, "1TT", ("none_tolerated", 0, 0)),
    ],
)
def test_the_variants_differ_only_in_a_level_of_three_about_to_be_the_mtd(variant, path, expected):
    assert brief(after(path, variant=variant)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ("enrol", 3, 3)),
        ("3TT", ("de_escalate", 2, 3)),
        ("3TT 2N", ("enrol", 2, 2)),
        ("3TT 2NNN", ("expand", 2, 3)),
        ("3TT 2NNT 2NNN", ("mtd", 2, 0)),
        ("3TT 2TT", ("de_escalate", 1, 3)),
        ("3TT 2TT 1TT", ("none_tolerated", 0, 0)),
        ("3NNN 4TT", ("de_escalate", 3, 3)),
    ],
)
def test_levels_below_the_start_are_entered_only_by_de_escalation(path, expected):
    advice = after(path, levels=5, variant=Variant.D3, start=3)

    assert brief(advice) == expected
    assert advice.flags == ()


def test_n_never_goes_below_the_start_level():
    assert brief(after("2TT", variant=Variant.N, start=2)) == ("none_tolerated", 0, 0)


# Where the trial stands after a record has changed


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("1NNT 2NNN 3N", ("de_escalate", 1, 3)),  # a late DLT at level 1; level 2 has only three
        ("1NNT 2NNTNNN 3N", ("enrol", 3, 2)),  # six at level 2 vouch for level 1
        ("1NNX 2NNN", ("escalate", 3, 3)),  # excluded afterwards: three clean at level 2 vouch for it
        ("1NNX 2NN", ("de_escalate", 1, 1)),  # nobody vouches yet: level 1 comes first
        ("1NTX 2NNN", ("de_escalate", 1, 1)),
        ("1NNTNNT 2NNN 3NNN", ("none_tolerated", 0, 0)),  # a late second DLT closes all
        ("1NNN 2NN 1N", ("escalate", 2, 1)),  # one patient of cohort 2 was given level 1's dose
        ("1NNN 3NNN", ("de_escalate", 2, 3)),  # level 3 used by mistake: no reason to skip level 2
        ("1NNN 3TT", ("de_escalate", 2, 3)),  # an inserted level below the failed one
    ],
)
def test_where_the_trial_stands(path, expected):
    assert brief(after(path)) == expected


# Pending


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("1P", ("enrol", 1, 2)),
        ("1TP", ("enrol", 1, 1)),  # filling is no decision
        ("1NTP", ("wait", 1, 0)),
        ("1NNP", ("wait", 1, 0)),
        ("1PPP", ("wait", 1, 0)),
        ("1NNT 1P", ("enrol", 1, 2)),
        ("1NNT 1NNP", ("wait", 1, 0)),
        ("1NNNNNP", ("escalate", 2, 3)),  # 0/5 and one pending: decided
        ("1TTP", ("none_tolerated", 0, 0)),  # pending never blocks de-escalation
        ("1NNNNNP 2TT", ("mtd", 1, 0)),  # the MTD on 5 + 1
        ("1NNN 2TT 1PP", ("enrol", 1, 1)),
        ("1NNP 2P", ("wait", 2, 0)),  # level 1 comes first, nothing above it enrols
        ("1NNN 2PP 1P", ("escalate", 2, 1)),  # the cohort opened at level 2 may still be filled
        ("1NNT 3P", ("de_escalate", 1, 3)),
        ("1NNX 2NNP", ("de_escalate", 1, 1)),  # the place at level 1 comes first, level 2 turn out as it may
    ],
)
def test_pending_patients(path, expected):
    assert brief(after(path)) == expected


def test_waiting_says_what_the_best_and_the_worst_would_give():
    advice = after("1NTP")

    assert advice.bracket == Bracket(Choice(Action.EXPAND, 1), Choice(Action.NONE_TOLERATED, 0))
    assert advice.because == (
        "1/2 DLT and 1 pending at level 1: wait; "
        "without a DLT among the pending expand level 1, with all of them no level is tolerated."
    )
    assert after("1NNN").bracket is None


def test_a_suspected_dlt_stops_its_level_and_all_above():
    assert brief(after("1NS")) == ("enrol", 1, 0)
    assert brief(after("1NNNNNS 2N")) == ("enrol", 2, 0)
    assert brief(after("1NNN 2S 1N")) == ("escalate", 2, 0)
    assert "suspected" in after("1NS").because
    assert brief(after("1NNT 2NNN 3S")) == ("de_escalate", 1, 3)  # not below it


def test_a_pending_patient_who_is_not_evaluable_reopens_the_level():
    assert brief(after("1NNX")) == ("enrol", 1, 1)


def test_without_early_stop_the_conclusion_waits_for_those_already_dosed():
    late = Rule(Variant.D6, early_stop=False)

    assert brief(after("1NNN 2TTP", rule=late)) == ("wait", 2, 0)
    assert after("1NNN 2TTP", rule=late).closed_from == 2
    assert "already dosed" in after("1NNN 2TTP", rule=late).because
    assert brief(after("1NNN 2TTN", rule=late)) == ("de_escalate", 1, 3)
    assert brief(after("1NNN 2TT", rule=late)) == ("de_escalate", 1, 3)  # the third place is not given here either


# More than the table


def test_over_enrolment_is_an_answer_and_a_flag():
    seven = after("1NNNNNNT")

    assert brief(seven) == ("escalate", 2, 3)
    assert seven.flags == (Flag.OVER_ENROLLED,)
    assert "outside the 3+3 table" in seven.because
    assert brief(after("1NNNNNTT")) == ("none_tolerated", 0, 0)
    assert after("1NNNNNN").flags == ()


@pytest.mark.parametrize(
    ("path", "start", "flags"),
    [
        ("1NNN 3N", 1, (Flag.SKIPPED_LEVEL,)),
        ("1NNN 2TTN 2N", 1, (Flag.CLOSED_LEVEL_USED,)),
        ("1NNN 2TTN 3N", 1, (Flag.CLOSED_LEVEL_USED,)),
        ("2N 1N", 2, (Flag.BELOW_START_USED,)),
        ("2TT 1N", 2, ()),
        ("1TTT", 1, ()),  # dosed together, before any DLT
    ],
)
def test_a_level_used_against_the_plan_is_flagged(path, start, flags):
    assert after(path, start=start).flags == flags


def test_expansion_and_backfill_patients_stand_outside_the_count():
    extra = [
        Patient(1, Outcome.DLT, Role.BACKFILL),
        Patient(1, Outcome.DLT, Role.EXPANSION),
        Patient(1, Outcome.NO_DLT, Role.EXPANSION),
        Patient(1, Outcome.SUSPECTED, Role.EXPANSION),
        Patient(1, Outcome.NOT_EVALUABLE, Role.EXPANSION),
    ]

    advice = recommend(patients("1NNN") + extra, levels=2, rule=Rule(Variant.D6))

    assert brief(advice) == ("escalate", 2, 3)
    assert [(o.level, o.role.value, o.n, o.dlts, o.pending) for o in advice.outside] == [
        (1, "expansion", 2, 1, 1),
        (1, "backfill", 1, 1, 0),
    ]


def test_the_committee_may_close_a_level():
    closed = after("1NNN 2NNN", closed=2)

    assert brief(closed) == ("de_escalate", 1, 3)
    assert (closed.closed_from, closed.first_intolerable_level) == (2, None)
    assert "closed by the committee" in closed.because
    assert "closed by the committee" in after("1NNN", closed=1).because
    assert brief(after("1NNN 2TT 1NNN", closed=3)) == ("mtd", 1, 0)
    assert after("1NNN 2TT 1NNN", closed=3).closed_from == 2


def test_the_mtd_and_the_first_intolerable_level_are_reported_apart():
    advice = after("1NNT 1NNN 2TTN")

    assert (advice.mtd, advice.first_intolerable_level) == (1, 2)
    assert after("1NNN 2NNN 3NNN 3NNN").mtd is None


# Other sizes


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("1NNN", ("enrol", 1, 1)),
        ("1NNNN", ("escalate", 2, 4)),
        ("1NNNT", ("expand", 1, 4)),
        ("1NNTT", ("none_tolerated", 0, 0)),
        ("1NNNT 1NNTP", ("wait", 1, 0)),
        ("1NNNT 1NNNT", ("escalate", 2, 4)),  # 2/8 is within e
        ("1NNNT 1NTT", ("none_tolerated", 0, 0)),
    ],
)
def test_cohorts_of_four(path, expected):
    assert brief(after(path, rule=FOUR)) == expected


@pytest.mark.parametrize(
    ("sizes", "field"),
    [({"a": 0}, "a, b"), ({"b": 0}, "a, b"), ({"d": 3, "e": 3}, "d"), ({"c": 0}, "c"), ({"c": 3}, "c"),
     ({"e": 0}, "e"), ({"e": 6}, "e")],
)  # fmt: skip
def test_an_impossible_design_is_refused_by_name(sizes, field):
    with pytest.raises(ValueError, match=f"^{field}: needs|^{field}: each"):
        Rule(Variant.D6, **sizes)


# The filter


def asked(**changes):
    return {"variant": "D6", "levels": 3, "cohorts": "1:0/3"} | changes


def test_cohorts_and_patients_give_the_same_answer():
    listed = [{"level": 1, "outcome": "no_dlt"}] * 2 + [{"level": 1, "outcome": "dlt", "role": "escalation"}]

    assert answer(asked(cohorts=None, patients=listed)) == answer(asked(cohorts="1:1/3"))


def test_the_answer_carries_every_documented_key():
    advice = answer(
        asked(
            cohorts=None,
            patients=[
                {"level": 1, "outcome": "pending"},
                {"level": 1, "outcome": "not_evaluable"},
                {"level": 1, "outcome": "dlt", "role": "backfill"},
            ],
        )
    )

    assert sorted(advice) == sorted(
        [
            *("action", "level", "slots", "mtd", "first_intolerable_level", "closed_from", "rule", "because"),
            *("flags", "tallies", "outside", "bracket", "variant", "engine_version"),
        ]
    )
    assert advice["tallies"][0] == {"level": 1, "evaluable": 0, "dlts": 0, "pending": 1, "replaced": 1}
    assert advice["outside"] == [{"level": 1, "role": "backfill", "n": 1, "dlts": 1, "pending": 0}]
    assert advice["bracket"] == {"best": {"action": "enrol", "level": 1}, "worst": {"action": "enrol", "level": 1}}


def test_settings_start_and_closed_level_are_read():
    four = {"a": 4, "b": 4, "c": 1, "d": 1, "e": 2, "early_stop": False}

    assert answer(asked(settings=four))["slots"] == 1
    assert answer(asked(cohorts="", start=2))["level"] == 2
    assert answer(asked(closed_by_committee=2))["closed_from"] == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"variant": None}, "variant"), ({"variant": "D7"}, "variant"),
        ({"variant": "rolling_six", "settings": {"b": 2}}, "b"),
        ({"levels": None}, "levels"), ({"levels": 0}, "levels"), ({"levels": True}, "levels"),
        ({"levels": "3"}, "levels"),
        ({"start": 4}, "start"), ({"start": "1"}, "start"), ({"closed_by_committee": 9}, "closed_by_committee"),
        ({"cohorts": None}, "cohorts, patients"), ({"patients": []}, "cohorts, patients"), ({"cohorts": 3}, "cohorts"),
        ({"cohorts": "1:0"}, "cohorts"), ({"cohorts": "1:4/3"}, "cohorts"), ({"cohorts": "4:0/3"}, "level"),
        ({"cohorts": None, "patients": {}}, "patients"), ({"cohorts": None, "patients": [1]}, "patients"),
        ({"cohorts": None, "patients": [{"level": 1, "outcome": "cured"}]}, "outcome of patient 1"),
        ({"cohorts": None, "patients": [{"level": 1, "outcome": "dlt", "role": "x"}]}, "role of patient 1"),
        ({"settings": [1]}, "settings"), ({"settings": []}, "settings"), ({"levels": 10**9}, "levels"),
        ({"settings": {"f": 1}}, "settings"), ({"settings": {"a": "3"}}, "settings.a"),
        ({"settings": {"early_stop": 1}}, "settings.early_stop"), ({"settings": {"d": 3}}, "d"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_refused_with_its_field(changes, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        answer(asked(**changes))


def test_the_filter_runs_alone_and_answers_in_order():
    lines = [{"id": 1, **asked()}, {"id": "b", **asked(levels=0)}, asked()]

    done = subprocess.run(
        [sys.executable, "-m", "escalation.engine"], input="\n".join(map(json.dumps, lines)),
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip

    first, second, third = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["action"], first["level"]) == (1, "escalate", 2)
    assert second == {"id": "b", "error": "levels: needs at least 1 and at most 1000, got 0"}
    assert third == {key: value for key, value in first.items() if key != "id"}


def test_the_engine_needs_only_the_standard_library():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, escalation.engine; print([m for m in sys.modules if m == 'django'])"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip

    assert loaded.stdout.strip() == "[]"
