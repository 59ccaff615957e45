"""What must hold for every event and every order of reading (docs/domain.md, section 4)."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dlt import __main__, course, names
from assessments.dlt import criteria as dlt_criteria
from assessments.dlt import event as dlt
from assessments.dlt.criteria import CRITERIA, Rules

WINDOW = 28
ORDER = {False: 0, "pending": 1, True: 2}
TERMS = [*names.SEVEN["5.0"], *sorted(names.ASKS), names.FEBRILE, names.FATIGUE, "Sepsis", "Death NOS"]


@st.composite
def events(draw: st.DrawFn, **fixed: object) -> dlt.Event:
    onset = draw(st.integers(1, WINDOW + 3))
    end = draw(st.none() | st.integers(onset, onset + 12))
    known = {
        "term": draw(st.sampled_from(TERMS)),
        "grade": draw(st.integers(1, 5)),
        "onset_day": onset,
        "end_day": end,
        "as_of_day": max(end or 0, onset + draw(st.integers(0, 12))),
        "relations": draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from([*sorted(dlt.DEGREES), None]))),
        "qualifiers": draw(
            st.dictionaries(st.sampled_from(dlt.QUALIFIERS), st.sampled_from([True, False, None]), max_size=8)
        ),
    }
    return dlt.Event(**known | fixed)


def suggest(event: dlt.Event, on: dict[str, bool], window: int) -> dlt.Suggestion:
    return dlt_criteria.suggest(event, Rules(on=on, window_days=window))


switches = st.dictionaries(st.sampled_from(sorted(CRITERIA)), st.booleans())


@given(events(), switches)
def test_an_event_after_the_window_is_never_a_dlt(event, criteria):
    late = replace(event, onset_day=WINDOW + 1, end_day=None, as_of_day=WINDOW + 20)

    assert suggest(late, criteria, WINDOW).suggested is False


@given(events(), switches, st.integers(3, 4))
def test_a_higher_grade_below_death_never_clears_an_event(event, criteria, grade):
    lower = suggest(replace(event, grade=grade - 1), criteria, WINDOW).suggested
    higher = suggest(replace(event, grade=grade), criteria, WINDOW).suggested

    assert ORDER[higher] >= ORDER[lower]


@given(events(), switches)
def test_a_missing_relation_never_clears_what_a_possible_one_would_not(event, criteria):
    possible = suggest(replace(event, relations={"a": "possible"}), criteria, WINDOW)
    missing = suggest(replace(event, relations={"a": None}), criteria, WINDOW)

    assert (missing.suggested is False) == (possible.suggested is False)


@given(events(), switches, st.sampled_from(sorted(CRITERIA)))
def test_switching_a_criterion_off_never_makes_a_dlt_of_a_living_patient(event, criteria, key):
    living = replace(event, grade=min(event.grade, 4))
    on = suggest(living, criteria | {key: True}, WINDOW).suggested
    off = suggest(living, criteria | {key: False}, WINDOW).suggested

    assert ORDER[off] <= ORDER[on]


@given(events(), switches)
def test_the_order_of_the_drugs_does_not_matter(event, criteria):
    turned = replace(event, relations=dict(reversed(event.relations.items())))

    assert suggest(event, criteria, WINDOW).suggested == suggest(turned, criteria, WINDOW).suggested


@given(events(end_day=None), st.integers(0, 30))
def test_an_ongoing_event_once_met_stays_met(event, days):
    first = suggest(event, {}, WINDOW)
    later = suggest(replace(event, as_of_day=event.as_of_day + days), {}, WINDOW)

    assert ORDER[later.suggested] >= ORDER[first.suggested]


@given(events(term=names.NEUTROPHILS, end_day=None) | events(term=names.FATIGUE, end_day=None))
def test_the_day_on_which_time_decides_is_the_first_that_does(event):
    said = suggest(event, {}, WINDOW)
    if said.decides_on_day is None:
        return

    before, on = (
        suggest(replace(event, as_of_day=day), {}, WINDOW).suggested
        for day in (said.decides_on_day - 1, said.decides_on_day)
    )

    assert (before, on) == ("pending", True)


@given(events(), switches)
def test_a_dlt_names_its_criterion_and_that_is_switched_on(event, criteria):
    said = suggest(event, criteria, WINDOW)

    assert said.because.endswith((".", "?"))
    assert (said.criterion is None) == (said.suggested is False)
    assert said.criterion is None or criteria.get(said.criterion, True)


@given(st.lists(st.sampled_from(["none", "open", "suspected", "dlt", "not_dlt"]), max_size=5))
def test_a_patient_counts_once_whatever_the_order_of_his_events(states):
    answers = {course.combine(order) for order in permutations(states)}

    assert len(answers) == 1
    assert course.combine(states * 2) in answers


@given(st.booleans(), st.booleans(), st.none() | st.booleans())
def test_first_and_second_reader_weigh_the_same(first, second, third):
    rest = {} if third is None else {"third": third}

    assert dlt.adjudicate({"first": first, "second": second} | rest) == dlt.adjudicate(
        {"first": second, "second": first} | rest
    )


@given(st.booleans(), st.booleans())
def test_a_third_reader_never_overturns_two_who_agree(said, third):
    assert dlt.adjudicate({"first": said, "second": said, "third": third}) == ("dlt" if said else "not_dlt")


def said_of(term: str, grade: int | None, onset: int = 5, **known: object) -> dlt.Suggestion:
    event = dlt.Event(
        **{"term": term, "grade": grade, "onset_day": onset, "as_of_day": 6, "relations": {"a": "possible"}} | known
    )
    return suggest(event, {}, WINDOW)


def test_the_state_of_an_event_before_anyone_has_read_it():
    met, clean = said_of(names.PLATELETS, 4), said_of("Sepsis", 2)
    relation_missing = said_of("Sepsis", 3, relations={"a": None})
    cause_open = said_of("Sepsis", 5, qualifiers={"due_to_myeloma": False})
    still_lasting, baseline = said_of(names.NEUTROPHILS, 4), said_of("Sepsis", 4, onset=-1)

    assert dlt.event_state(met, False, {}) == "suspected"
    assert dlt.event_state(relation_missing, False, {}) == "suspected"
    assert dlt.event_state(cause_open, False, {}) == "suspected"
    assert dlt.event_state(still_lasting, False, {}) == "open"
    assert dlt.event_state(clean, False, {}) == "none"
    assert dlt.event_state(clean, True, {}) == "suspected"  # the investigator asks for verdicts
    assert dlt.event_state(baseline, False, {}) == "none"


def test_a_missing_grade_is_open_and_suspected_at_once_where_it_is_serious_or_could_clear_nothing():
    def state(term: str, **known: object) -> str:
        return dlt.event_state(said_of(term, None, **known), False, {})

    assert state("Nausea", grades=(1, 2, 3)) == "open"
    assert state("Nausea", grades=(1, 2, 3), serious=True) == "suspected"
    assert state(names.FEBRILE, grades=(3, 4, 5)) == "suspected"
    assert state(names.FEBRILE, grades=(3, 4, 5), relations={"a": None}) == "suspected"
    assert state(names.LYMPHOCYTES, grades=(1, 2, 3, 4), serious=True) == "none"


def test_a_verdict_outweighs_the_rule():
    met = said_of(names.PLATELETS, 4)

    assert dlt.event_state(met, False, {"first": False}) == "suspected"
    assert dlt.event_state(met, False, {"first": False, "second": False}) == "not_dlt"


@pytest.mark.parametrize(
    ("line", "field"),
    [({}, "event"), ({"event": []}, "event"), ({"evaluability": []}, "evaluability"), ({"event": {}}, "as_of_day")],
)
def test_a_line_without_its_object_is_refused(line, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        __main__.answer(line)


def test_hyperglycaemia_waits_for_its_cause():
    assert said_of(names.HYPERGLYCEMIA, 3).suggested == "pending"


def test_hyponatraemia_corrected_in_time_waits_for_its_symptoms():
    assert said_of(names.HYPONATREMIA, 3, qualifiers={"corrected_within_72h": True}).suggested == "pending"


@given(events(grade=3, term="Vomiting") | events(grade=3, term="Hypokalemia"), st.booleans() | st.none())
def test_no_answer_clears_an_event_whose_days_go_past_72_hours(event, answer):
    asked = replace(event, qualifiers=dict.fromkeys(("controlled_within_72h", "corrected_within_72h"), answer))
    said = suggest(replace(asked, relations={"a": "possible"}), {}, WINDOW)

    if 1 <= event.onset_day <= WINDOW and event.last_day > event.onset_day + 3:
        assert said.suggested is True


@given(events(), switches)
def test_a_criterion_never_takes_what_belongs_to_another(event, on):
    said = suggest(event, on, WINDOW)

    assert said.criterion != "H5" or event.kind not in dlt_criteria.NEVER_H5
    assert said.criterion != "N1" or event.kind not in (*names.SEVEN["5.0"], names.FEBRILE)


@given(events(), st.sets(st.sampled_from(["Sepsis", "Nausea", "Anemia"]), min_size=1))
def test_a_haematological_term_of_the_protocol_is_never_judged_by_n1(event, listed):
    rules = Rules(window_days=WINDOW, haematological=names.kinds(listed))
    said = dlt_criteria.suggest(event, rules)

    if event.term in listed and event.grade in (3, 4):
        assert said.criterion in (None, "H5")
        assert event.grade == 4 or said.suggested is False
