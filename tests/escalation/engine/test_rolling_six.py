"""Rolling six, every state of its printed table (docs/domain.md, section 3), and a trial that runs under it.

T = a DLT, N = none, P = pending, S = suspected. E escalate, S same level, H hold, D de-escalate.
"""

import pytest

from escalation.engine.__main__ import answer
from escalation.engine.rule import recommend
from escalation.engine.terms import Flag, Outcome, Patient, Recommendation, Rule, Variant
from tests import factories
from trial.protocol_settings import ProtocolSettings, SettingRefused
from trial.refusals import Refused

RULE = Rule(Variant.ROLLING_SIX)
OF = {"T": Outcome.DLT, "N": Outcome.NO_DLT, "P": Outcome.PENDING, "S": Outcome.SUSPECTED}

# a row per number of patients on the level; in it the answer for 0, 1, 2 … evaluable of them
NO_DLT = {1: "SS", 2: "SSS", 3: "SSSE", 4: "SSSSE", 5: "SSSSSE", 6: "HHHHHEE"}
ONE_DLT = {1: "-S", 2: "-SS", 3: "-SSS", 4: "-SSSS", 5: "-SSSSS", 6: "-HHHHHE"}
STATES = [
    (dlts, on, evaluable, said)
    for dlts, table in ((0, NO_DLT), (1, ONE_DLT))
    for on, row in table.items()
    for evaluable, said in enumerate(row)
    if said != "-"
] + [(2, on, evaluable, "D") for on in range(2, 7) for evaluable in range(2, on + 1)]


def after(path: str, levels: int = 3, start: int = 1, closed: int | None = None) -> Recommendation:
    patients = [Patient(int(cohort[0]), OF[letter]) for cohort in path.split() for letter in cohort[1:]]
    return recommend(patients, levels=levels, rule=RULE, start=start, closed_by_committee=closed)


def brief(advice: Recommendation) -> tuple[str, int, int]:
    return advice.action.value, advice.level, advice.slots


def here(dlts: int, on: int, evaluable: int) -> str:
    return "2" + "T" * dlts + "N" * (evaluable - dlts) + "P" * (on - evaluable)


@pytest.mark.parametrize(("dlts", "on", "evaluable", "said"), STATES)
def test_every_state_of_the_table(dlts, on, evaluable, said):
    expected = {
        "S": ("enrol", 2, 6 - on),
        "E": ("escalate", 3, 6),
        "H": ("wait", 2, 0),
        "D": ("de_escalate", 1, 3),  # level 1 has 0/3: up to six there
    }

    assert brief(after(f"1NNN {here(dlts, on, evaluable)}")) == expected[said]


@pytest.mark.parametrize(("dlts", "on", "evaluable", "said"), [s for s in STATES if s[3] == "E"])
def test_escalate_at_the_top_or_below_a_closed_level_ends_with_five_or_six(dlts, on, evaluable, said):
    path = f"1NNN {here(dlts, on, evaluable)}"
    fills = ("enrol", 2, 6 - on)

    assert brief(after(path, levels=2)) == (("top_tolerated", 2, 0) if evaluable >= 5 else fills)
    assert brief(after(path, closed=3)) == (("mtd", 2, 0) if evaluable >= 5 else fills)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ("enrol", 1, 6)),
        ("1NNNN 2TT", ("de_escalate", 1, 2)),
        ("1NNNNN 2TT", ("mtd", 1, 0)),  # 0/5 is enough
        ("1NNNNP 2TT", ("de_escalate", 1, 1)),  # 5 on the level, not all evaluable: the sixth place is given
        ("1NNNNNP 2TT", ("mtd", 1, 0)),  # whatever the sixth does
        ("1TNNNNN 2TT", ("mtd", 1, 0)),
        ("1NNN 2TT 1T", ("enrol", 1, 2)),
        ("1NNN 2TT 1TNP", ("wait", 1, 0)),
        ("1NNN 2TT 1NTT", ("none_tolerated", 0, 0)),
        ("1TTPPPP", ("none_tolerated", 0, 0)),  # the pending cannot save it
        ("1NNS", ("enrol", 1, 0)),  # a suspected DLT stops new patients
        ("1NNP 2N", ("wait", 2, 0)),  # nothing above a level that is not passed enrols
    ],
)
def test_known_states(path, expected):
    assert brief(after(path)) == expected


def test_it_goes_below_the_start_level_only_by_de_escalation():
    assert brief(after("", start=2)) == ("enrol", 2, 6)
    assert brief(after("2TT", start=2)) == ("de_escalate", 1, 6)
    assert brief(after("2TT 1NNN", start=2)) == ("enrol", 1, 3)
    assert brief(after("2TT 1NNNNN", start=2)) == ("mtd", 1, 0)


def test_more_than_six_is_an_answer_and_a_flag():
    assert brief(after("1TNNNNNN")) == ("escalate", 2, 6)
    assert after("1TNNNNNN").flags == (Flag.OVER_ENROLLED,)
    assert brief(after("1NNNNNPP")) == ("wait", 1, 0)  # both may have a DLT
    assert after("1NNNNTT").flags == ()  # six dosed together


def test_holding_says_what_the_pending_may_still_do():
    advice = after("1NNNNPP")

    assert advice.because == (
        "0/4 DLT and 2 pending at level 1: wait; "
        "without a DLT among the pending escalate to level 2, with all of them no level is tolerated."
    )


def test_the_filter_takes_it_and_refuses_other_sizes_by_name():
    asked = {"variant": "rolling_six", "levels": 2, "cohorts": "1:0/3"}

    assert (answer(asked)["action"], answer(asked)["variant"]) == ("escalate", "rolling_six")
    with pytest.raises(ValueError, match="^e: rolling six needs e = 1, got 2"):
        answer(asked | {"settings": {"e": 2}})


@pytest.mark.parametrize("name", ["a", "b", "e"])
def test_a_protocol_with_other_sizes_is_refused_by_name(name):
    with pytest.raises(SettingRefused, match=f"^{name}: must be [13] in rolling six"):
        ProtocolSettings(variant="rolling_six", **{name: 2})


@pytest.mark.django_db
def test_a_trial_runs_under_it():
    study = factories.study(levels=2, variant="rolling_six").open()
    first = [study.dose() for _ in range(4)]
    assert study.situation().cohort.places == 6
    assert study.situation().free == 2

    study.later(days=29)
    for patient in first[:3]:
        study.complete(patient)
    assert study.situation().free == 2  # 0/3 and one pending: same level, two more places
    fifth = study.dose()
    study.complete(first[3])
    assert study.situation().free == 1
    study.later(days=29).complete(fifth)
    with pytest.raises(Refused, match="decision is due"):
        study.slot()  # 5 of 5 evaluable without a DLT: the committee escalates

    study.sign()
    assert (study.situation().position, study.situation().free) == (2, 6)
    two = [study.dose(), study.dose()]
    for patient in two:
        study.dlt(patient)
    assert brief(study.situation().advice) == ("mtd", 1, 0)  # 0/5 below the failed level
