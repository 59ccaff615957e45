"""The dose ladder: every state has its own shape, and the table says what the figure shows."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from escalation.display.ladder import (
    WORDS,
    LadderLevel,
    LadderPatient,
    LevelState,
    PatientState,
    ladder_figure,
    ladder_svg,
)
from escalation.display.ladder_table import ladder_table

SVG = "{http://www.w3.org/2000/svg}"
LEVELS = [
    LadderLevel("Level −1", "20 / 10 / 40 mg"),
    LadderLevel("Level 1", "40 / 10 / 40 mg", "0/3 DLT · passed", LevelState.PASSED),
    LadderLevel("Level 2", "40 / 15 / 40 mg", "0/1 DLT · 1 pending", LevelState.OPEN),
    LadderLevel("Level 3", "60 / 15 / 40 mg", "2/2 DLT · closed", LevelState.CLOSED),
]
PATIENTS = [
    LadderPatient("001", 1, PatientState.NO_DLT, 1, url="/patients/001/"),
    LadderPatient("002", 1, PatientState.NOT_EVALUABLE, 1),
    LadderPatient("003", 3, PatientState.DLT, 2),
    LadderPatient("004", 2, PatientState.PENDING, 3, days_left=12),
    LadderPatient("005", 2, PatientState.SUSPECTED, 3, days_left=23),
]


def figure(levels=LEVELS, patients=PATIENTS):
    return ElementTree.fromstring(ladder_svg(levels, patients))


def groups(root, name):
    return [group for group in root.iter(f"{SVG}g") if name in group.get("class").split()]


def of(root, number):
    return next(g for g in groups(root, "patient") if g[0].text.startswith(f"Patient {number},"))


def marks(group):
    """The shapes of a patient's sign, without the column it stands in, its number and its days."""
    halo = 1
    shapes = [part for part in group if part.tag != f"{SVG}text" and "hit" not in part.get("class", "")]
    return [part for part in shapes if part.tag != f"{SVG}title"][halo:]


@pytest.mark.parametrize(
    ("state", "shapes"),
    [
        (PatientState.NO_DLT, [("circle", "fill-ink")]),
        (PatientState.DLT, [("polygon", "fill-red")]),
        (PatientState.PENDING, [("circle", "fill-surface"), ("path", "fill-amber")]),
        (PatientState.SUSPECTED, [("polygon", "fill-surface"), ("polygon", "fill-red")]),
        (PatientState.NOT_EVALUABLE, [("path", "fill-none")]),
    ],
)
def test_each_state_has_its_own_shape(state, shapes):
    group = of(figure(patients=[LadderPatient("001", 1, state, 1)]), "001")

    assert f"patient-{state}" in group.get("class").split()
    assert [(part.tag.removeprefix(SVG), part.get("class").split()[0]) for part in marks(group)] == shapes


def test_no_state_is_forgotten_and_no_two_look_the_same():
    seen = {}
    for state in PatientState:
        root = figure(patients=[LadderPatient("001", 1, state, 1)])
        seen[state] = tuple(
            (part.tag, part.get("class"), part.get("points"), part.get("d")) for part in marks(of(root, "001"))
        )

    assert set(WORDS) == set(PatientState)
    assert len(set(seen.values())) == len(PatientState)


def test_who_is_pending_shows_the_days_left_and_nobody_else_does():
    root = figure(patients=[*PATIENTS, LadderPatient("006", 1, PatientState.NO_DLT, 3, days_left=3)])
    days = {
        group[0].text[8:11]: part.text
        for group in groups(root, "patient")
        for part in group
        if part.get("class", "").startswith("days")
    }

    assert days == {"004": "12 d", "005": "23 d"}


def test_a_window_that_is_over_without_answers_never_counts_below_zero():
    late = [replace(PATIENTS[3], days_left=-4)]

    assert "0 d" in ladder_svg(LEVELS, late)
    assert "Pending, window over, answers awaited" in ladder_table(LEVELS, late)


def test_a_line_stands_between_cohorts_and_only_there():
    lines = [part for part in figure().iter(f"{SVG}line") if "cohort-line" in part.get("class")]

    assert len(lines) == 2


def test_the_level_of_the_trial_has_a_band_and_a_closed_one_is_hatched():
    root = figure()
    kinds = {
        group.get("class").split()[-1]: [part.get("class").split()[0] for part in group.iter(f"{SVG}rect")]
        for group in groups(root, "level")
    }

    assert kinds == {
        "level-unused": [],
        "level-passed": [],
        "level-open": ["band"],
        "level-closed": ["hatched"],
    }


def test_higher_doses_stand_higher():
    place = {t.text: float(t.get("y")) for t in figure().iter(f"{SVG}text") if "level-name" in t.get("class")}

    assert place["Level 3"] < place["Level 2"] < place["Level 1"] < place["Level −1"]


def test_a_level_without_a_banner_says_its_state():
    banners = [t.text for t in figure().iter(f"{SVG}text") if "level-banner" in t.get("class")]

    assert banners == ["not opened", "0/3 DLT · passed", "0/1 DLT · 1 pending", "2/2 DLT · closed"]


def test_the_table_agrees_with_the_figure():
    table = ElementTree.fromstring(ladder_table(LEVELS, PATIENTS))
    rows = {}
    for body in table.iter("tbody"):
        label = body[0][0].text.strip()
        for row in body[1:]:
            if len(row) == 3:
                rows["".join(row[0].itertext())] = (row.get("class"), label, row[1].text, row[2].text)
    shown = {}
    for group in groups(figure(), "patient"):
        number, level, cohort, outcome = re.fullmatch(
            r"Patient (\w+), (.+?), cohort (\d+): (.+)", group[0].text
        ).groups()
        shown[number] = (group.get("class").split()[-1], level, cohort, outcome)

    assert rows == shown
    assert set(rows) == {patient.number for patient in PATIENTS}


def test_the_table_links_what_a_click_in_the_figure_opens():
    assert of(figure(), "001").get("data-href") == "/patients/001/"
    assert '<a href="/patients/001/">001</a>' in ladder_table(LEVELS, PATIENTS)


def test_the_description_names_every_level_and_the_date():
    desc = ElementTree.fromstring(ladder_svg(LEVELS, PATIENTS, as_of="23 Nov 2026"))[1].text

    assert desc.startswith("5 patients. Level −1 not opened; Level 1 0/3 DLT · passed;")
    assert desc.endswith("As of 23 Nov 2026.")


def test_words_of_the_protocol_are_escaped():
    levels = [LadderLevel("<b>1</b>", "<i>", "<script>", LevelState.OPEN)]
    patients = [LadderPatient("<u>", 0, PatientState.DLT, 1, url='"><script>')]

    for answer in (ladder_figure(levels, patients), ladder_table(levels, patients)):
        assert not re.search(r"<(b|i|u|script)>", answer)


def test_sixty_patients_keep_their_distance_and_grow_beyond_the_page():
    many = [LadderPatient(f"{n:03}", 1 + n % 3, PatientState.NO_DLT, n // 3) for n in range(60)]
    root = figure(patients=many)
    places = [float(t.get("x")) for t in root.iter(f"{SVG}text") if "patient-number" in t.get("class")]

    assert float(root.get("width")) > 1500
    assert min(b - a for a, b in pairwise(places)) >= 29.9


@pytest.mark.parametrize("levels", [LEVELS, LEVELS[:1], []])
def test_a_trial_without_patients_is_drawn(levels):
    assert 'role="img"' in ladder_figure(levels, [])
    assert ladder_table(levels, []).count("no patients") == len(levels)


@pytest.mark.parametrize("count", [24, 40])
def test_up_to_forty_patients_stand_whole_on_the_page(count):
    patients = [LadderPatient(f"{k:03d}", k % 3, PatientState.NO_DLT, k // 3) for k in range(1, count + 1)]

    root = figure(patients=patients)

    assert float(root.get("width")) <= 776
    numbers = [text for text in root.iter(f"{SVG}text") if text.get("class", "").startswith("patient-number")]
    assert [text.text for text in numbers] == [patient.number for patient in patients]
    places = [float(text.get("x")) for text in numbers]
    assert all(right - left >= 11 for left, right in pairwise(places)), "an upright number of 12 pixels needs as much"


@pytest.mark.parametrize("banner", ["0/60 DLT", "none evaluable yet, 12 pending"])
def test_on_paper_sixty_patients_stay_within_the_width_or_nearly(banner):
    many = [LadderPatient(f"{k:03d}", 0, PatientState.NO_DLT, 1 + k // 3) for k in range(60)]
    drawn = ladder_svg([LadderLevel("Level 1", "40 / 15 / 40 mg", banner)], many, width=1000, whole=60)

    assert 1000 <= float(ElementTree.fromstring(drawn).get("width")) < 1100
    assert drawn.count("patient-number") == 60
