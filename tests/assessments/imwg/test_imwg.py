"""Response by the IMWG criteria (docs/domain.md, section 7), through the validation filter."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from assessments.imwg import __main__
from assessments.imwg import rule as imwg
from assessments.imwg.reading import values_of
from assessments.imwg.terms import Assessment, ResponseSettings, settings_of
from tests.assessments.imwg.below_cases import BELOW
from tests.assessments.imwg.imwg_cases import CASES as RESPONSES
from tests.assessments.imwg.imwg_cases import CLEAN, Case, S, serum
from tests.assessments.imwg.progression_cases import PROGRESSIONS
from trial.jsonl import reply
from trial.protocol_settings import ProtocolSettings

CASES = [*RESPONSES, *PROGRESSIONS, *BELOW]
FIRST = date(2024, 1, 29)


def decimals(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers as the filter reads them; the cases write decimals as text, and "<5" as it is."""
    return {n: Decimal(v) if isinstance(v, str) and v[0].isdigit() else v for n, v in values.items()}


def line(case: Case) -> dict[str, Any]:
    visits = [
        {"date": (FIRST + timedelta(28 * place)).isoformat()} | decimals(v) for place, v in enumerate(case.visits)
    ]
    settings = {n: Decimal(v) if n.startswith("measurable") else v for n, v in case.settings.items()}
    baseline = None if case.baseline is None else decimals(case.baseline)
    return {"baseline": baseline, "assessments": visits, "settings": settings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason)
def test_a_case_worked_by_hand(case):
    found = __main__.answer(line(case))

    assert " ".join(one["derived"] for one in found["assessments"]) == case.derived
    if case.confirmed:
        assert " ".join(one["confirmed"] or "-" for one in found["assessments"]) == case.confirmed
    if case.best:
        assert found["best_confirmed"]["response"] == case.best
    if case.unconfirmed:
        assert found["best_unconfirmed"]["response"] == case.unconfirmed


def test_there_are_more_than_two_hundred_cases():
    assert len({case.reason for case in CASES}) == len(CASES) > 200


@pytest.mark.parametrize("case", [case for case in CASES if 1 < len(case.visits) < 5], ids=lambda case: case.reason)
def test_the_order_of_entry_does_not_matter(case):
    asked = line(case)
    answers = [__main__.answer(asked | {"assessments": list(turned)}) for turned in permutations(asked["assessments"])]

    assert all(answer == answers[0] for answer in answers)


def evaluated(*visits: dict[str, Any], baseline: dict[str, Any] = S, new_therapy: date | None = None, **settings: Any):
    assessments = [
        Assessment(date=FIRST + timedelta(28 * place), values=values_of(decimals(v), ""), row=str(place))
        for place, v in enumerate(visits)
    ]
    return imwg.evaluate(values_of(decimals(baseline), ""), assessments, ResponseSettings(**settings), new_therapy)


def test_the_deciding_parameter_and_the_reason_are_named():
    found = evaluated({"serum_m": "0.9", "urine_m": 30, "ratio": 1}, CLEAN)

    assert [(one.parameter, one.because) for one in found.visits] == [
        ("serum_m", "Serum M-protein 0.9 g/dL: a fall of 77.5 % from 4."),
        ("ratio", "Serum M-protein 0 g/dL: a fall of 100.0 % from 4. CR: the free light chain ratio is missing."),
    ]


def test_a_change_is_exact_and_follows_serum_before_urine_before_light_chains():
    serum_first = evaluated(*serum(3, 1), baseline={"serum_m": 3, "urine_m": 900})
    urine = evaluated({"urine_m": 600}, baseline={"urine_m": 900})
    chains = evaluated({"kappa": 110, "lambda": 10}, baseline={"kappa": 410, "lambda": 10})
    marrow = evaluated({"marrow_pc": 10}, baseline={"marrow_pc": 40})

    assert [one.change for one in serum_first.visits] == [0, Fraction(-200, 3)]
    assert (serum_first.followed, serum_first.best_change) == ("serum_m", Fraction(-200, 3))
    assert (urine.followed, urine.best_change) == ("urine_m", Fraction(-100, 3))
    assert (chains.followed, chains.best_change) == ("dflc", -75)
    assert (marrow.followed, marrow.best_change) == (None, None)


def test_the_best_change_is_that_before_pd_and_new_therapy():
    falling = serum(3, 2, 1)
    progressed = evaluated(falling[0], {**falling[1], "new_lesion": True}, falling[2])
    new_therapy = FIRST + timedelta(28)

    assert progressed.best_change == -25
    assert evaluated(*falling, new_therapy=new_therapy).best_change == -25


def test_a_patient_is_response_evaluable_with_measurable_disease_and_an_adequate_assessment():
    assert evaluated(*serum(4)).evaluable
    assert not evaluated({"urine_m": 0}).evaluable  # serum is missing: NE
    assert not evaluated(*serum(1), baseline={"serum_m": "0.4"}).evaluable  # not measurable
    assert not evaluated(*serum(5)).evaluable  # a PD by laboratory values that nothing confirms
    assert evaluated(*serum(5, 5)).evaluable
    assert not evaluated().evaluable


def test_the_progression_that_counts_keeps_its_row():
    found = evaluated(*serum(4, 5, 5))

    assert (found.progression.row, found.progression.date) == ("1", FIRST + timedelta(28))
    assert evaluated(*serum(4)).progression is None


def test_hypercalcaemia_is_an_alert_without_the_setting():
    alerts = [one.hypercalcaemia for one in evaluated({"calcium": "11.5"}, {"calcium": "11.51"}).visits]

    assert alerts == [False, True]


def test_a_pair_more_than_84_days_apart_draws_a_warning():
    visits = serum(1, 1)
    near = [
        Assessment(date=FIRST + timedelta(d), values=values_of(v, "")) for d, v in zip((0, 84), visits, strict=True)
    ]
    far = [near[0], Assessment(date=FIRST + timedelta(85), values=near[1].values)]
    baseline = values_of(S, "")

    assert imwg.evaluate(baseline, near, ResponseSettings()).warnings == ()
    assert imwg.evaluate(baseline, far, ResponseSettings()).warnings == (
        "2024-01-29 and 2024-04-23 are 85 days apart.",
    )


def test_the_settings_are_those_of_the_protocol():
    assert settings_of(ProtocolSettings()) == ResponseSettings()
    assert settings_of(ProtocolSettings(ne="break", measurable_serum=Decimal("0.5"))) == ResponseSettings(
        ne="break", measurable_serum=Decimal("0.5")
    )


VISIT = {"date": "2024-02-26", "serum_m": 1}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"baseline": [1]}, "baseline: must be an object or null"),
        ({"baseline": {"serum": 1}}, "baseline: 'serum' is unknown; known are date, serum_m"),
        ({"baseline": {"serum_m": "1"}}, "baseline.serum_m: must be a number, got '1'"),
        ({"baseline": {"serum_m": True}}, "baseline.serum_m: must be a number, got True"),
        ({"baseline": {"serum_m": "<"}}, "baseline.serum_m: must be a number, got '<'"),
        ({"baseline": {"serum_m": "<1,5"}}, "baseline.serum_m: must be a number, got '<1,5'"),
        ({"baseline": {"serum_m": ">5"}}, "baseline.serum_m: must be a number, got '>5'"),
        ({"baseline": {"serum_m": "<-1"}}, "baseline.serum_m: must be a number, got '<-1'"),
        ({"baseline": {"serum_m": "<0"}}, "baseline.serum_m: nothing is below a limit of 0"),
        ({"baseline": {"marrow_pc": "<101"}}, "baseline.marrow_pc: is a percentage"),
        ({"baseline": {"lesions": "<2"}}, "baseline.lesions: must be a whole number"),
        ({"baseline": {"lesions": Decimal("1.5")}}, "baseline.lesions: must be a whole number"),
        ({"baseline": {"lesions": True}}, "baseline.lesions: must be a whole number"),
        ({"assessments": [VISIT | {"no_pd": True}]}, "assessments[0]: 'no_pd' is unknown"),
        ({"baseline": {"lambda": -1}}, "baseline.lambda: cannot be negative"),
        ({"baseline": {"marrow_pc": 101}}, "baseline.marrow_pc: is a percentage"),
        ({"baseline": {"urine_m": 10**13}}, "baseline.urine_m: cannot be above 10^12"),
        ({"baseline": {"urine_m": Decimal("1E-61")}}, "baseline.urine_m: has more than 60 decimals"),
        ({"baseline": {"date": "2024"}}, "baseline.date: must be a date YYYY-MM-DD, got '2024'"),
        ({"assessments": {}}, "assessments: must be a list"),
        ({"assessments": [1]}, "assessments[0]: must be an object"),
        ({"assessments": [VISIT, {"serum_m": 1}]}, "assessments[1].date: is needed"),
        ({"assessments": [VISIT | {"date": "2024-02"}]}, "assessments[0].date: must be a date YYYY-MM-DD"),
        (
            {"assessments": [VISIT | {"date": "2024-02-30"}]},
            "assessments[0].date: 2024-02-30 is no day of the calendar",
        ),
        ({"assessments": [VISIT | {"date": 20240226}]}, "assessments[0].date: must be a date YYYY-MM-DD"),
        ({"assessments": [VISIT | {"ife_serum": "neg"}]}, 'assessments[0].ife_serum: must be "negative", "positive"'),
        ({"assessments": [VISIT | {"new_lesion": "no"}]}, "assessments[0].new_lesion: must be true, false or null"),
        ({"assessments": [VISIT | {"marrow_clonal": 1}]}, "assessments[0].marrow_clonal: must be true, false or null"),
        ({"assessments": [VISIT | {"m_protein": 1}]}, "assessments[0]: 'm_protein' is unknown"),
        (
            {"assessments": [VISIT | {"response": "PR"}]},
            "assessments[0].serum_m: an assessment has values or a response",
        ),
        (
            {"assessments": [{"date": "2024-02-26", "response": "pr"}]},
            "assessments[0].response: must be one of sCR, CR",
        ),
        ({"assessments": [{"date": "2024-02-26", "response": []}]}, "assessments[0].response: must be one of sCR, CR"),
        (
            {"assessments": [VISIT | {"pd_source": "imaging"}]},
            "assessments[0].pd_source: stands only beside a response",
        ),
        (
            {"assessments": [{"date": "2024-02-26", "response": "PD", "pd_source": "x"}]},
            "assessments[0].pd_source: must",
        ),
        ({"new_therapy_date": "soon"}, "new_therapy_date: must be a date YYYY-MM-DD"),
        ({"new_therapy": "2024-02-26"}, "line: 'new_therapy' is unknown"),
        ({"settings": []}, "settings: must be an object"),
        ({"settings": {"nadirs": "lowest"}}, "settings: 'nadirs' is unknown"),
        ({"settings": {"nadir": "last"}}, "settings: nadir: must be one of confirmed, lowest, got 'last'"),
        ({"settings": {"nadir": []}}, "settings: nadir: must be one of confirmed, lowest"),
        ({"settings": {"pd_confirmation": 1}}, "settings: pd_confirmation: must be true or false"),
        ({"settings": {"max_confirmation_days": 0}}, "settings: max_confirmation_days: must be a whole number of at"),
        ({"settings": {"missed_assessments": True}}, "settings: missed_assessments: must be a whole number"),
        (
            {"settings": {"assessment_interval_days": None}},
            "settings: assessment_interval_days: must be a whole number",
        ),
        ({"settings": {"measurable_serum": "1"}}, "settings: measurable_serum: must be a number"),
        ({"settings": {"measurable_marrow": 0}}, "settings: measurable_marrow: must be above 0"),
    ],
)
def test_a_fault_is_named_with_its_field(fault, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        __main__.answer({"baseline": {"serum_m": 4}, "assessments": [VISIT]} | fault)


def test_a_line_of_the_filter():
    visit = '{"date": "2024-02-26", "serum_m": 0.13, "urine_m": 0}'
    asked = f'{{"id": 7, "baseline": {{"serum_m": 1.3}}, "assessments": [{visit}]}}'

    assert reply(asked.encode(), __main__.answer).decode() == (
        '{"assessments": [{"because": "Serum M-protein 0.13 g/dL: a fall of 90.0 % from 1.3. Serum immunofixation is '
        'missing. VGPR is not confirmed: no evaluable assessment follows.", "confirmed": "SD", "date": "2024-02-26", '
        '"derived": "VGPR"}], "best_confirmed": {"date": "2024-02-26", "response": "SD"}, "best_unconfirmed": '
        '{"date": "2024-02-26", "response": "VGPR"}, "id": 7}\n'
    )


def test_the_site_is_asked_about_contradictions_and_about_what_would_show_a_progression():
    one = {**S, "spd": 4, "lesions": 1}
    found = evaluated(
        {"serum_m": "0.3", "urine_m": 20, "ife_serum": "negative", "ife_urine": "negative"},
        {"serum_m": 4, "spd": 6},
        {"serum_m": 4, "spd": 3, "lesions": 2},
        {"serum_m": 4, "spd": 3, "lesions": 2, "new_lesion": False},
        baseline=one,
    )

    assert [visit.asks for visit in found.visits] == [
        (
            "Serum M-protein 0.3 g/dL beside a negative immunofixation: VGPR at most.",
            "Urine M-protein 20 mg/24 h beside a negative immunofixation: VGPR at most.",
        ),
        ("One plasmacytoma progresses by its longest diameter, which is missing.",),
        ("2 plasmacytomas, 1 at baseline: say whether one is new.",),
        (),
    ]


def test_a_visit_shows_no_progression_where_what_baseline_measured_was_measured_again():
    base = {"serum_m": "0.4", "urine_m": 50, "kappa": 12, "lambda": 10, "marrow_pc": 8}
    chains = {"kappa": 12, "lambda": 10}
    visits = [*serum("0.4"), {**chains, **serum("0.4")[0]}, {}, {"marrow_pc": 8}]
    marrow = evaluated({"marrow_pc": 8}, {"serum_m": 0}, baseline={"marrow_pc": 8})

    assert [(one.derived, one.no_pd, one.missed) for one in evaluated(*visits, baseline=base).visits] == [
        ("NE", False, False),  # without light chains
        ("NE", True, False),  # marrow and imaging stand for long
        ("NE", False, True),
        ("NE", False, False),
    ]
    assert [one.no_pd for one in marrow.visits] == [True, False]
    assert not any(one.no_pd for one in evaluated(*serum(1), baseline={}).visits)
    assert not any(one.no_pd for one in evaluated({"urine_m": 0}).visits)  # measurable, and missing
