"""What must hold in every trial, whatever its record looks like."""

from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from escalation.engine.rule import recommend
from escalation.engine.terms import Action, Outcome, Patient, Recommendation, Rule, Variant

TREATING = {Action.ENROL, Action.EXPAND, Action.ESCALATE, Action.DE_ESCALATE}
KNOWN = [Outcome.DLT, Outcome.NO_DLT, Outcome.NO_DLT]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    a, b = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    d = draw(st.integers(0, a - 1))
    standard = Rule(draw(st.sampled_from([Variant.D6, Variant.D3, Variant.N])))
    other = replace(standard, a=a, b=b, c=draw(st.integers(1, d + 1)), d=d, e=draw(st.integers(d, a + b - 1)))
    return draw(st.sampled_from([standard, standard, other, Rule(Variant.ROLLING_SIX)]))


@st.composite
def trials(draw: st.DrawFn, outcomes: tuple[Outcome, ...] = (*KNOWN, Outcome.PENDING)) -> dict:
    levels = draw(st.integers(1, 4))
    cohorts = draw(
        st.lists(
            st.tuples(st.integers(1, levels), st.lists(st.sampled_from(outcomes), min_size=1, max_size=4)), max_size=6
        )
    )
    return {
        "patients": [Patient(level, outcome) for level, cohort in cohorts for outcome in cohort],
        "levels": levels,
        "rule": draw(rules()),
        "start": draw(st.integers(1, levels)),
        "closed_by_committee": draw(st.none() | st.integers(1, levels)),
    }


def ask(trial: dict, **changes: object) -> Recommendation:
    asked = trial | changes
    return recommend(asked.pop("patients"), **asked)


def completions(patients: list[Patient]) -> list[list[Patient]]:
    ways = product([Outcome.DLT, Outcome.NO_DLT], repeat=sum(p.outcome is Outcome.PENDING for p in patients))
    found = []
    for way in ways:
        turns = iter(way)
        found.append([replace(p, outcome=next(turns)) if p.outcome is Outcome.PENDING else p for p in patients])
    return found


@given(trials(KNOWN), st.data())
def test_one_more_dlt_never_raises_the_level(trial, data):
    clean = [i for i, p in enumerate(trial["patients"]) if p.outcome is Outcome.NO_DLT]
    if not clean:
        return
    worse = list(trial["patients"])
    i = data.draw(st.sampled_from(clean))
    worse[i] = replace(worse[i], outcome=Outcome.DLT)

    assert ask(trial, patients=worse).level <= ask(trial).level


@given(trials())
def test_a_closed_level_is_never_recommended(trial):
    advice = ask(trial)

    if advice.closed_from is not None and advice.action is not Action.WAIT:
        assert advice.level < advice.closed_from
    assert advice.slots >= 0
    assert advice.slots == 0 or advice.action in TREATING


@given(trials(), st.data())
def test_the_order_inside_a_cohort_does_not_matter(trial, data):
    patients, a, b = trial["patients"], trial["rule"].a, trial["rule"].b
    place = [sum(q.level == p.level for q in patients[:i]) for i, p in enumerate(patients)]
    cohort = [(p.level, -1 if k < a else (k - a) // b) for p, k in zip(patients, place, strict=True)]
    mixed = list(patients)
    for one in set(cohort):
        at = [i for i, c in enumerate(cohort) if c == one]
        if at[-1] - at[0] == len(at) - 1:  # dosed without another level in between
            for i, p in zip(at, data.draw(st.permutations([patients[i] for i in at])), strict=True):
                mixed[i] = p

    assert ask(trial, patients=mixed) == ask(trial)


@given(trials())
def test_an_early_answer_is_the_answer_of_every_completion(trial):
    """Filling a cohort already opened is no decision, so an answer that only fills one is left out."""
    trial["patients"] = [p for i, p in enumerate(trial["patients"]) if p.outcome is not Outcome.PENDING or i < 12]
    advice = ask(trial)
    ends = {(done.action, done.level) for done in (ask(trial, patients=way) for way in completions(trial["patients"]))}

    if len(ends) == 1:
        assert {(advice.action, advice.level)} == ends
    else:
        assert advice.action is Action.WAIT or (advice.action in TREATING and advice.bracket)
        if advice.action is not Action.WAIT:
            here = advice.tallies[advice.level - 1]
            assert here.evaluable + here.pending not in (0, trial["rule"].first_cohort)
    if advice.bracket:
        assert (len(ends) == 1) == (advice.bracket.best == advice.bracket.worst)
        assert {advice.bracket.best, advice.bracket.worst} <= ends


@given(trials(), st.data())
def test_a_patient_who_is_not_evaluable_changes_nothing(trial, data):
    at = data.draw(st.integers(0, len(trial["patients"])))
    level = data.draw(st.integers(1, trial["levels"]))
    more = [*trial["patients"][:at], Patient(level, Outcome.NOT_EVALUABLE), *trial["patients"][at:]]
    before, after = ask(trial), ask(trial, patients=more)

    assert after.tallies[level - 1].replaced == before.tallies[level - 1].replaced + 1
    assert replace(after, tallies=before.tallies) == before


@given(trials([*KNOWN, Outcome.PENDING, Outcome.SUSPECTED]))
def test_a_suspected_dlt_counts_as_pending_and_gives_no_slot_there_or_above(trial):
    plain = [replace(p, outcome=Outcome.PENDING) if p.outcome is Outcome.SUSPECTED else p for p in trial["patients"]]
    advice, as_pending = ask(trial), ask(trial, patients=plain)

    assert (advice.action, advice.level, advice.bracket) == (as_pending.action, as_pending.level, as_pending.bracket)
    if any(p.outcome is Outcome.SUSPECTED and p.level <= advice.level for p in trial["patients"]):
        assert advice.slots == 0
    else:
        assert advice.slots == as_pending.slots
