"""DLT criteria and evaluability, worked by hand from docs/domain.md, section 4; through the validation filter."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import terms
from assessments.dlt import __main__, names
from assessments.dlt import event as dlt

RELATED = {"selinexor": "possible", "ruxolitinib": "unrelated", "methylprednisolone": "unrelated"}


def ask(term, grade, onset=5, end=None, as_of=40, relations=RELATED, criteria=None, **qualifiers):
    return __main__.answer(
        {
            "criteria": criteria,
            "window_days": 28,
            "event": {
                "term": term,
                "soc": "",
                "grade": grade,
                "onset_day": onset,
                "end_day": end,
                "as_of_day": as_of,
                "relations": relations,
                "qualifiers": qualifiers,
            },
        }
    )


NEUTROPHILS, PLATELETS = "Neutrophil count decreased", "Platelet count decreased"


@pytest.mark.parametrize(
    ("event", "suggested", "criterion"),
    [
        # H1: grade 4 for 7 days, last day - first day + 1
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "end": 11}, True, "H1"),
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "end": 10}, False, None),
        ({"term": NEUTROPHILS, "grade": 3, "onset": 5, "end": 20}, False, None),
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "as_of": 11}, True, "H1"),
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "as_of": 10}, "pending", "H1"),
        # H2, H3, H4
        ({"term": "Febrile neutropenia", "grade": 3}, True, "H2"),
        ({"term": PLATELETS, "grade": 4}, True, "H3"),
        ({"term": PLATELETS, "grade": 3, "bleeding": True}, True, "H4"),
        ({"term": PLATELETS, "grade": 3, "bleeding": False, "transfusion": True}, True, "H4"),
        ({"term": PLATELETS, "grade": 3, "bleeding": False, "transfusion": False}, False, None),
        ({"term": PLATELETS, "grade": 3, "bleeding": False}, "pending", "H4"),
        ({"term": PLATELETS, "grade": 2, "bleeding": True}, False, None),
        # other blood counts are haematological by term and meet no criterion
        ({"term": "Anemia", "grade": 3}, False, None),
        # H5: any other haematological event of grade 4, white cells for 7 days, lymphocytes and CD4 never
        ({"term": "Anemia", "grade": 4}, True, "H5"),
        ({"term": "Leukocytosis", "grade": 4}, True, "H5"),
        ({"term": "Leukocytosis", "grade": 3}, False, None),
        ({"term": "Lymphocyte count decreased", "grade": 4}, False, None),
        ({"term": "CD4 lymphocytes decreased", "grade": 4}, False, None),
        ({"term": "White blood cell decreased", "grade": 4, "onset": 5, "end": 11}, True, "H5"),
        ({"term": "White blood cell decreased", "grade": 4, "onset": 5, "end": 10}, False, None),
        ({"term": "White blood cell decreased", "grade": 4, "onset": 5, "as_of": 10}, "pending", "H5"),
        ({"term": "White blood cell decreased", "grade": 3, "onset": 5, "end": 20}, False, None),
        ({"term": "Anemia", "grade": 4, "criteria": {"H5": False}}, False, None),
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "end": 20, "criteria": {"H1": False}}, False, None),
        ({"term": PLATELETS, "grade": 4, "criteria": {"H3": False, "H4": False}}, False, None),
        ({"term": "Febrile neutropenia", "grade": 4, "criteria": {"H2": False}}, False, None),
        # N1 and its exceptions, both sides of each boundary
        ({"term": "Pneumonitis", "grade": 3}, True, "N1"),
        ({"term": "Pneumonitis", "grade": 2}, False, None),
        ({"term": "Alanine aminotransferase increased", "grade": 3}, True, "N1"),  # Investigations, not haematological
        ({"term": "Fatigue", "grade": 3, "onset": 5, "end": 11}, False, None),
        ({"term": "Fatigue", "grade": 3, "onset": 5, "end": 12}, True, "N1"),
        ({"term": "Fatigue", "grade": 3, "onset": 5, "as_of": 11}, "pending", "N1"),
        ({"term": "Nausea", "grade": 3, "end": 8, "controlled_within_72h": True}, False, None),
        ({"term": "Nausea", "grade": 3, "as_of": 8, "controlled_within_72h": True}, False, None),
        (
            {"term": "Nausea", "grade": 3, "end": 9, "controlled_within_72h": True},
            True,
            "N1",
        ),  # the dates say otherwise
        ({"term": "Nausea", "grade": 3, "as_of": 9, "controlled_within_72h": True}, True, "N1"),  # it is still going on
        ({"term": "Nausea", "grade": 3, "controlled_within_72h": False}, True, "N1"),
        ({"term": "Diarrhea", "grade": 3, "onset": 5, "as_of": 8}, "pending", "N1"),
        ({"term": "Diarrhea", "grade": 3, "onset": 5, "as_of": 9}, True, "N1"),  # neither over nor answered in time
        ({"term": "Hypokalemia", "grade": 3, "end": 8, "corrected_within_72h": True}, False, None),
        ({"term": "Hypokalemia", "grade": 3, "end": 8, "corrected_within_72h": False}, True, "N1"),  # "no" stands
        ({"term": "Hypokalemia", "grade": 3, "onset": 5, "end": 8}, False, None),
        ({"term": "Hypokalemia", "grade": 3, "onset": 5, "end": 9, "corrected_within_72h": False}, True, "N1"),
        ({"term": "Hyponatremia", "grade": 3, "end": 8, "asymptomatic": True}, False, None),
        ({"term": "Hyponatremia", "grade": 3, "end": 8, "asymptomatic": False}, True, "N1"),
        # the exceptions cover grade 3
        ({"term": "Diarrhea", "grade": 4, "end": 6, "controlled_within_72h": True}, True, "N1"),
        ({"term": "Hypokalemia", "grade": 4, "end": 6}, True, "N1"),
        ({"term": "Hyperglycemia", "grade": 4, "steroid_related": True, "controlled_within_72h": True}, True, "N1"),
        ({"term": "Hyperglycemia", "grade": 3, "steroid_related": True, "controlled_within_72h": True}, False, None),
        ({"term": "Hyperglycemia", "grade": 3, "steroid_related": True, "controlled_within_72h": False}, True, "N1"),
        ({"term": "Hyperglycemia", "grade": 3, "steroid_related": False}, True, "N1"),
        ({"term": "Hyperglycemia", "grade": 3, "controlled_within_72h": False}, True, "N1"),
        ({"term": "Hyperglycemia", "grade": 3, "steroid_related": True}, "pending", "N1"),  # control not answered
        ({"term": "Hyperglycemia", "grade": 3, "controlled_within_72h": True}, "pending", "N1"),
        # N3: the cause, not the relation
        ({"term": "Sepsis", "grade": 5, "due_to_myeloma": False, "outside_cause": False}, True, "N3"),
        ({"term": "Sepsis", "grade": 5, "due_to_myeloma": True}, False, None),
        ({"term": "Sepsis", "grade": 5, "outside_cause": True}, False, None),
        ({"term": "Sepsis", "grade": 5}, "pending", "N3"),
        # a grade that is not given yet
        ({"term": "Nausea", "grade": None}, "pending", "N1"),
        ({"term": "Febrile neutropenia", "grade": None}, True, "H2"),  # it has no grade below 3
        ({"term": "Sepsis", "grade": None}, True, "N1"),
        ({"term": "Lymphocyte count decreased", "grade": None}, False, None),  # no grade of it meets any
        ({"term": "Febrile neutropenia", "grade": None, "onset": 29}, False, None),
        ({"term": "Febrile neutropenia", "grade": None, "relations": {"a": "unrelated"}}, "pending", "N3"),
        # the window and the relation
        ({"term": PLATELETS, "grade": 4, "onset": 28}, True, "H3"),
        ({"term": PLATELETS, "grade": 4, "onset": 29}, False, None),
        ({"term": PLATELETS, "grade": 4, "relations": {"a": "unlikely", "b": "unrelated"}}, False, None),
        ({"term": PLATELETS, "grade": 4, "relations": {"a": "unrelated", "b": None}}, "pending", "H3"),
        ({"term": PLATELETS, "grade": 4, "relations": {"a": "definite", "b": None}}, True, "H3"),
        # a criterion that is switched off
        ({"term": PLATELETS, "grade": 4, "bleeding": True, "criteria": {"H3": False}}, True, "H4"),
    ],
)
def test_each_criterion_on_both_sides_of_its_boundary(event, suggested, criterion):
    said = ask(**event)

    assert (said["suggested"], said["criterion"]) == (suggested, criterion)


@pytest.mark.parametrize(
    ("event", "day"),
    [
        ({"term": NEUTROPHILS, "grade": 4, "onset": 5, "as_of": 6}, 11),
        ({"term": "Fatigue", "grade": 3, "onset": 5, "as_of": 6}, 12),
        ({"term": "Vomiting", "grade": 3, "onset": 5, "as_of": 6}, 9),
        ({"term": PLATELETS, "grade": 3}, None),
    ],
)
def test_the_day_on_which_time_decides(event, day):
    assert ask(**event)["decides_on_day"] == day


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"term": PLATELETS, "grade": 6}, "grade"),
        ({"term": PLATELETS, "grade": 0}, "grade"),
        ({"term": PLATELETS, "grade": 4, "onset": 9, "end": 8}, "end_day"),
        ({"term": PLATELETS, "grade": 4, "onset": 0}, "onset_day"),
        ({"term": PLATELETS, "grade": 4, "onset": -2, "end": 0}, "end_day"),
        ({"term": PLATELETS, "grade": 4, "onset": 9, "as_of": 8}, "as_of_day"),
        ({"term": PLATELETS, "grade": 4, "relations": {"a": "maybe"}}, "relations"),
        ({"term": PLATELETS, "grade": 4, "hunger": True}, "qualifiers"),
        ({"term": PLATELETS, "grade": 4, "criteria": {"H9": True}}, "criteria"),
        ({"term": None, "grade": 4}, "term"),
        ({"term": " ", "grade": 4}, "term"),
    ],
)
def test_a_wrong_field_is_named(wrong, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        ask(**wrong)


def course(**said):
    full = {
        "as_of_day": 29,
        "window_days": 28,
        "dlt": "none",
        "doses": {"a": {"planned": 160, "taken": 160}},
        "fraction": Decimal("0.75"),
        "stopped_day": None,
        "stop_reason": None,
        "open_events": 0,
        "confirmed": True,
    }
    return __main__.answer({"evaluability": full | said})["state"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "completed"),
        ({"open_events": 1, "stopped_day": 9, "doses": {"a": {"planned": 160, "taken": 40}}}, "pending"),
        ({"open_events": 2, "dlt": "adjudicated"}, "dlt"),
        ({"confirmed": False}, "pending"),
        ({"as_of_day": 28}, "pending"),
        ({"dlt": "adjudicated", "as_of_day": 3}, "dlt"),
        ({"dlt": "suspected"}, "pending"),
        ({"open_events": 1}, "pending"),
        ({"doses": {"a": {"planned": 160, "taken": 120}}}, "completed"),  # exactly 75 %
        ({"doses": {"a": {"planned": 160, "taken": 119}}}, "not_evaluable"),
        ({"doses": {"a": {"planned": 160, "taken": 119}}, "confirmed": False}, "pending"),
        ({"doses": {"a": {"planned": 160, "taken": 160}, "b": {"planned": 28, "taken": 20}}}, "not_evaluable"),
        ({"doses": {"a": {"planned": 160, "taken": 40}}, "as_of_day": 12, "stopped_day": 9}, "not_evaluable"),
        ({"doses": {"a": {"planned": 160, "taken": 160}}, "as_of_day": 25, "stopped_day": 22}, "pending"),
        ({"doses": {"a": {"planned": 160, "taken": 40}}, "as_of_day": 12}, "pending"),
        ({"doses": {"a": {"planned": 160, "taken": 10}}, "dlt": "adjudicated"}, "dlt"),  # never replaced
    ],
)
def test_evaluability(said, state):
    assert course(**said) == state


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"dlt": "maybe"}, "dlt"),
        ({"window_days": 0}, "window_days"),
        ({"fraction": Decimal("1.5")}, "fraction"),
        ({"open_events": -1}, "open_events"),
        ({"doses": {"a": {"planned": 10, "taken": -1}}}, "doses"),
        ({"doses": {"a": {"planned": 10}}}, "taken"),
        ({"confirmed": "yes"}, "confirmed"),
        ({"as_of_day": 0}, "as_of_day"),
        ({"stopped_day": 0}, "stopped_day"),
    ],
)
def test_a_wrong_field_of_evaluability_is_named(wrong, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        course(**wrong)


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ({}, "suspected"),
        ({"first": True}, "suspected"),
        ({"second": False}, "suspected"),
        ({"first": True, "second": True}, "dlt"),
        ({"first": False, "second": False}, "not_dlt"),
        ({"first": True, "second": False}, "suspected"),
        ({"first": True, "second": False, "third": True}, "dlt"),
        ({"first": True, "second": False, "third": False}, "not_dlt"),
    ],
)
def test_two_agree_or_a_third_decides(verdicts, state):
    assert dlt.adjudicate(verdicts) == state


@given(
    term=st.sampled_from(sorted(terms.all_terms())),
    grade=st.none() | st.integers(1, 4),
    onset=st.integers(1, 28),
    length=st.integers(0, 20),
    answers=st.dictionaries(st.sampled_from(dlt.QUALIFIERS), st.sampled_from([True, False, None])),
)
def test_a_missing_relation_never_clears_what_a_possible_one_would_not(term, grade, onset, length, answers):
    event = {"term": term, "grade": grade, "onset": onset, "end": onset + length, "as_of": 60, **answers}

    known = ask(**event, relations={"a": "possible"})["suggested"]
    missing = ask(**event, relations={"a": None})["suggested"]

    assert (missing is False) == (known is False)


@given(term=st.sampled_from(sorted(terms.all_terms())), onset=st.integers(1, 28))
def test_a_higher_grade_never_clears_an_event(term, onset):
    order = [False, "pending", True]
    answers = [order.index(ask(term, grade, onset)["suggested"]) for grade in (1, 2, 3, 4)]

    assert answers == sorted(answers)


@given(term=st.sampled_from(sorted(terms.all_terms())), onset=st.integers(1, 28))
def test_a_grade_that_is_not_given_clears_nothing_that_one_of_its_grades_would_not(term, onset):
    known = [ask(term, grade, onset)["suggested"] for grade in terms.grades(term)]
    missing = ask(term, None, onset)["suggested"]

    assert (missing is False) == all(said is False for said in known)
    assert missing is not True or all(known)


def test_the_filter_answers_line_by_line_and_goes_on_after_a_bad_one():
    good = {"id": 7, "event": {"term": PLATELETS, "grade": 4, "onset_day": 16, "as_of_day": 16, "relations": RELATED}}
    lines = "\n".join([json.dumps(good), "no json", json.dumps(good)])

    done = subprocess.run(
        [sys.executable, "-m", "assessments.dlt"], input=lines, capture_output=True, text=True, check=True
    )

    first, wrong, again = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["suggested"], first["criterion"]) == (7, True, "H3")
    assert "error" in wrong
    assert again == first


def test_terms_are_found_by_their_words_in_any_order():
    assert [term.term for term in terms.find("count platelet")] == [PLATELETS]
    assert terms.soc(PLATELETS) == "Investigations"
    assert terms.soc("Plague") is None
    assert 5 not in terms.grades(PLATELETS)


def test_every_term_has_a_class_and_grades():
    for term in terms.all_terms().values():
        assert term.soc
        assert term.grades
        assert set(term.grades) <= {1, 2, 3, 4, 5}


def test_every_question_belongs_to_a_known_term_and_qualifier():
    for term, questions in names.ASKS.items():
        assert terms.soc(term) or terms.soc(term, "6.0")
        assert set(questions) <= set(dlt.QUALIFIERS)
