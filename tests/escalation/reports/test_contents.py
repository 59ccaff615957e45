"""What stands in which report: denominators that agree, and nothing that its readers may not see."""

import re
from dataclasses import replace

import pytest
from django.utils.safestring import SafeString

from assessments.biomarker.results_diagnostic import CutRow, Diagnostic
from assessments.endpoints.present import Count
from escalation.reports import biomarker, people
from trial.paper.document import Figure

RATES = "Best confirmed response and rates by dose level, of all treated patients (IMWG 2016)"
TREATED = {"1": 3, "2": 5}  # patients by level received, as conftest.py makes them


def columns(table, name):
    """The cells of a column by the first cell of its row."""
    k = [column.name for column in table.columns].index(name)
    return {row.cells[0].removeprefix("Level "): row.cells[k] for row in table.rows}


@pytest.mark.long
@pytest.mark.parametrize("kind", ["open", "closed"])
def test_the_denominators_of_all_tables_agree(built, kind):
    found = built[kind]
    safety = TREATED | {"All": sum(TREATED.values())}
    heads = [column.name for table in found.tables.values() for column in table.columns]
    heads += [name for table in found.tables.values() for name, _ in table.groups]
    said = {match for head in heads for match in re.findall(r"(?:Level )?(\w+), n = (\d+)", head)}
    assert said == {(level, str(n)) for level, n in safety.items()}

    tables = found.tables
    by_site = columns(tables["Patients by site"], "Treated")
    assert int(by_site.pop("All")) == sum(map(int, by_site.values())) == safety["All"]
    assert sum(int(row.cells[-1]) for row in tables["Cohorts"].rows) == safety["All"]
    assert tables["Accrual by month"].rows[-1].cells[-1] == str(safety["All"])
    assert columns(tables["Treatment and days of exposure by dose level: median (least–most)"], "Treated") == {
        level: str(n) for level, n in safety.items()
    }
    assert len(tables["Exposure of each treated patient"].rows) == safety["All"]
    assert len(tables["How each treated patient counts, and why"].rows) == safety["All"]
    for name in ("Patients by dose level, the highest first", "Tally by dose level"):
        told = {level: n for level, n in columns(tables[name], "Treated").items() if n != "–"}
        assert told == {level: str(n) for level, n in TREATED.items()}
    for row in tables["DLT rate by level received, with its exact 95 % interval"].rows:
        level, treated, evaluable, dlts, pending, left_out = row.cells[:6]
        assert int(treated) == int(evaluable) + int(pending) + int(left_out) == TREATED[level.removeprefix("Level ")]
        assert int(dlts) <= int(evaluable)
    became = tables["What became of the treated patients, n (%)"].rows
    assert [cell.split()[0] for cell in became[0].cells[1:]] == [str(n) for n in safety.values()]
    overview = tables["Overview of treatment-emergent adverse events, patients, n (%)"].rows[0].cells[1:]
    worst = tables["Treatment-emergent adverse events by class, term and worst grade, patients, n (%)"]
    bands = len(worst.columns[1:]) // len(safety)
    whole = worst.rows[0].cells[1:]
    counts = [[int(cell.split()[0]) for cell in whole[k : k + bands]] for k in range(0, len(whole), bands)]
    assert [any_ for any_, *_ in counts] == [int(cell.split()[0]) for cell in overview] == [1, 2, 3]
    assert all(any_ == sum(grades) for any_, *grades in counts)
    if kind == "closed":
        sets = columns(tables["Analysis sets"], "Patients")
        assert sets["All treated"] == sets["Safety: any dose, by level received"] == str(safety["All"])
        assert columns(tables[RATES], "Treated") == {level: str(n) for level, n in safety.items()}
        assert len(tables["Response of each treated patient (IMWG 2016)"].rows) == safety["All"]


def test_the_first_page_is_the_summary_in_each_kind(built):
    for kind in ("summary", "open", "closed"):
        first = built[kind].first
        assert "Level 2 open: 3 of 6 evaluable, 1 DLT, 2 pending" in first
        assert "1 death; 1 serious event; 1 DLT adjudicated, 0 suspected." in first
        assert "1/3 · 33.3 % (0.8–90.6)" in first  # exact
        assert "8 enrolled; 8 treated" in first
        assert "Blocked by:" in first
    assert len(built["summary"].pages) == 1
    assert not built["summary"].document.sections


def test_efficacy_firmness_and_sub_study_stand_in_the_closed_report_alone(built):
    for words in ("How firm", "ORR", "Kaplan-Meier", "sBCMA", "301.2", "Best confirmed"):
        assert words in built["closed"].words
        assert words not in built["open"].words
        assert words not in built["summary"].words


def test_what_the_open_report_holds(built):
    said = built["open"].words
    for words in (
        "Since the last meeting", "Protocol and amendments", "Accrual", "Screening", "Disposition",
        "Exposure", "Dose levels", "Pending patients", "Dose-limiting toxicities", "Decisions", "Adverse events",
        "Serious events and deaths", "Completeness", "Recommendation", "Safety committee member",
    ):  # fmt: skip
        assert words in said
    tables = built["open"].tables
    ((code, _, _, _, told, state),) = (row.cells for row in tables[
        "DLTs, adjudicated and suspected, with the verdicts of their readers"
    ].rows)  # fmt: skip
    assert state == "DLT" and told.count("DLT by H3. As reported.") == 2 and code.startswith("AE ")
    assert [row.cells[2] for row in tables["Serious adverse events"].rows] == ["Lung infection, grade 2"]
    assert [row.cells[0] for row in tables["Deaths of treated patients"].rows] == ["003"]
    assert [row.cells[1] for row in tables["Criteria that screen failures did not meet"].rows] == [
        "1. Relapsed or refractory multiple myeloma"
    ]
    assert [row.cells[4] for row in tables["Decisions with their basis, the latest first"].rows] == [
        "Expand level 2 to 6",
        "Escalate to level 2",
        "Open the trial at level 1",
    ]


def test_what_was_done_on_one_day_stands_as_it_followed(built):
    (dates, done) = zip(*(row.cells[:2] for row in built["open"].tables[
        "What was decided, amended and held since"
    ].rows), strict=True)  # fmt: skip

    assert dates[0] == dates[1] and done[:2] == ("The protocol", "Decision 0: Open the trial at level 1")


def test_a_first_meeting_has_nothing_to_compare_with(built):
    assert "there is no cut to compare with" in built["open"].words
    assert "no event was reported" not in built["open"].words


def test_the_settings_of_the_analyses_are_said_once_for_all_of_them(built):
    assert built["closed"].words.count("Nadir: the lowest confirmed value.") == 1
    assert "under the settings that stand in the section Efficacy" in built["closed"].words


def test_the_rate_stands_under_the_waterfall(built):
    [rate] = [row.cells[-2] for row in built["closed"].tables[RATES].rows if row.kind == "total"]
    (figure,) = (
        block
        for section in built["closed"].document.sections
        for block in section.blocks
        if isinstance(block, Figure) and block.title.startswith("Best change")
    )
    assert figure.notes[0] == f"ORR {rate}."
    assert "Without a value: patients" in figure.notes[-1]


def test_a_figure_is_read_on_paper_as_on_its_page(built):
    said = built["closed"].words
    for words in (
        "Lines at −25, −50 and −90 %",
        "the colour of the line is the best confirmed response",
        "A category stands where the confirmed response first reached it",
        "All intervals 95 %, no correction for many tests.",
        "half of the lower limit stands for what lies below it",
    ):
        assert words in said


def test_every_month_to_that_of_the_cut_stands_in_the_accrual(built):
    last = built["open"].tables["Accrual by month"].rows[-1]

    assert last.cells[0] == f"{built['open'].document.at:%Y-%m}"
    assert people.months_of(["2026-02", "2025-11", "2025-11"], "2026-03") == [
        "2025-11", "2025-12", "2026-01", "2026-02", "2026-03",
    ]  # fmt: skip
    assert people.months_of([], "2026-03") == []


def test_the_points_of_a_roc_curve_are_named_and_the_best_is_called_too_favourable():
    row = CutRow("75.3 ng/mL", "index 0.95", "100.0 %", "95.0 %", "")
    found = Diagnostic(Count("9", ""), 20, False, "0.994", "", SafeString("<svg/>"), [row], [], [], "Below: nobody.")

    *_, figure, table = biomarker.diagnostic_blocks(found)

    assert figure.notes[0].startswith("Up: sensitivity. Diamond: Youden's best cut-off; dotted:")
    assert "squares: cut-offs of the record" in replace(found, cuts=[row]).reads
    assert table.notes == ("Youden's best, chosen on these very patients and so too favourable.",)


def test_two_builds_of_one_cut_are_the_same_bytes(built):
    assert built["closed"].pdf == built["again"].pdf


def test_a_withdrawn_consent_leaves_its_values_out_and_the_first_page_says_so(built):
    before, after = built["closed"], built["later"]

    assert "417.8" in before.words and "417.8" not in after.words
    assert "301.2" in after.words
    assert "2 patients: consented" in before.words and "1 patient: consented" in after.words
    assert "of 1 patient who withdrew the consent to the sub-study.\nLeft out: sBCMA" in after.first
    assert "1 patient who withdrew the consent is in no number of it." in after.words
    assert "Left out" not in before.words


def test_a_report_of_a_cut_that_is_not_the_last_says_so_on_each_page(built):
    assert all("Not the last cut: cut 2 of meeting 1" in page for page in built["later"].pages)
    assert "Not the last cut" not in built["closed"].words
