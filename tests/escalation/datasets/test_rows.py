"""The rows of every data set, against dates and values that were worked out by hand (story.py)."""

from datetime import date
from decimal import Decimal

import pytest

from assessments import terms
from assessments.count import queries as count
from assessments.endpoints import inputs
from assessments.endpoints.analysis import summary
from assessments.endpoints.settings_sets import sets as of_settings
from assessments.tables import queries as tables
from assessments.tables.adverse import ALL, adverse_table
from assessments.tables.summary import dlt_rates, exposure
from escalation.datasets import codes
from escalation.datasets.reading import Reading
from escalation.datasets.shape import datasets, source
from patients.dosing.forms import STOP_REASONS
from patients.follow_up.forms import LEAVE_REASONS
from patients.models import Patient
from tests.escalation.datasets import fits, story
from trial import queries as ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return story.told()


def sets(study, sbcma=True):
    return {one.name: one for one in datasets(source(study.trial, study.today, sbcma=sbcma))}


def rows(study, name, **wanted):
    return [
        row for row in fits.rows(sets(study)[name]) if all(row[variable] == value for variable, value in wanted.items())
    ]


def said(row, *names):
    return tuple(row[name] for name in names)


def test_every_row_is_what_the_dictionary_says_and_the_same_again(study):
    first, second = sets(study), sets(study)

    assert [fault for one in first.values() for fault in fits.faults(one)] == []
    assert {name: fits.rows(one) for name, one in first.items()} == {
        name: fits.rows(one) for name, one in second.items()
    }
    assert {name for name, one in first.items() if not fits.rows(one)} == set()
    lists = [variable.codelist for one in first.values() for variable in one.variables if variable.codelist]
    assert all(one == other for one in lists for other in lists if one.name == other.name)


# ---- days and values as they were entered ----


def test_there_is_no_study_day_0(study):
    consents = {row["USUBJID"][-3:]: said(row, "DSSTDTC", "DSSTDY") for row in rows(study, "DS", DSSEQ=100)}
    assert consents["002"] == ("2026-01-05", -1)

    serum = rows(study, "LB", LBTESTCD="MCPROT", LBSPEC="SERUM")
    assert [said(row, "LBDTC", "LBDY") for row in serum] == [
        ("2026-01-05", -1), ("2026-02-04", 30), ("2026-02-05", 31),
    ]  # fmt: skip
    (first,) = rows(study, "EX", EXTRT="ruxolitinib", EXCYCDY=1)
    assert said(first, "EXSTDTC", "EXSTDY") == ("2026-01-06", 1)


def test_an_event_without_an_end_goes_on_to_the_death_at_most(study):
    study.event(Patient.objects.get(trial=study.trial, number=1), term="Fatigue", grade=1, onset_on=date(2026, 3, 1))

    (event,) = rows(study, "AE", AEDECOD="Fatigue", USUBJID=f"{study.trial.code}-001")
    assert said(event, "AEENDTC", "AEENRTPT", "AEENTPT") == (None, "ONGOING", "2026-03-20")


def test_a_route_is_the_protocol_s_word_where_it_has_one(study):
    routes = {row["EXTRT"]: row["EXROUTE"] for row in rows(study, "EX")}

    assert routes["selinexor"] == "by mouth"
    assert {route for drug, route in routes.items() if drug != "selinexor"} == {None}


def test_who_died_without_another_end_of_treatment_has_it_then_as_in_the_safety_tables(study):
    (died,) = rows(study, "ADSL", DTHFL="Y")

    assert said(died, "SUBJID", "EOTSTT", "DCTDT") == ("001", "DISCONTINUED", date(2026, 3, 20))
    assert died["DCTREAS"] == "Died; no end of treatment is recorded"
    over = {one.code for one in tables.treated(study.trial.pk, study.today) if one.stopped}
    assert {row["SUBJID"] for row in rows(study, "ADSL", EOTSTT="DISCONTINUED")} == over == {"001", "003"}


def test_what_is_below_a_limit_is_text_beside_an_empty_number(study):
    baseline, later, _ = rows(study, "LB", LBTESTCD="MCPROT", LBSPEC="SERUM")

    assert said(baseline, "LBORRES", "LBSTRESC", "LBSTRESN", "LBSTRESU") == ("2", "2", Decimal(2), "g/dL")
    assert said(later, "LBORRES", "LBSTRESC", "LBSTRESN", "LBSTRESU") == ("<0.2", "<0.2", None, "g/dL")


def test_a_date_known_in_part_is_no_day_and_none_is_made_up(study):
    (reported,) = rows(study, "AE", AESPID="AE 2")
    (analysed,) = rows(study, "ADAE", AESEQ=2)

    assert said(reported, "AESTDTC", "AESTDY", "AEENRTPT", "AEENTPT") == ("2026-02", None, "ONGOING", "2026-03-29")
    assert said(analysed, "ASTDT", "ASTDY", "TRTEMFL") == (None, None, "Y")


def test_an_event_says_each_drug_and_its_grades_over_time(study):
    (event,) = rows(study, "AE", AESPID="AE 3")
    grades = rows(study, "FA", FASPID="AE 3", FATESTCD="TOXGR")

    assert said(event, "AEREL", "AEREL1", "AEREL2", "AERELS1") == ("POSSIBLE", "POSSIBLE", "UNRELATED", None)
    assert said(event, "AEACN", "AEACN1", "AEACN2") == ("MULTIPLE", "DRUG INTERRUPTED", "DOSE NOT CHANGED")
    assert said(event, "AEOUT", "AEENDTC", "AEENDY") == ("RECOVERED/RESOLVED", "2026-01-30", 25)
    found = [said(row, "FADTC", "FADY", "FAORRES") for row in grades]
    assert found == [("2026-01-20", 15, "1"), ("2026-01-25", 20, "3")]


def test_a_missed_day_stands_with_a_dose_of_0_and_its_reason(study):
    taken = rows(study, "EX", EXTRT="selinexor")

    assert [said(row, "EXCYCDY", "EXDOSE", "EXSTATE", "EXADJ") for row in taken] == [
        (1, 10, "TAKEN", None), (8, 0, "MISSED", "PATIENT"), (15, 10, "TAKEN", None), (22, 10, "TAKEN", None),
    ]  # fmt: skip


def test_who_failed_screening_stands_with_the_criterion(study):
    (failed,) = rows(study, "IE")
    (subject,) = rows(study, "DM", SUBJID="SCR-S-9")

    assert said(failed, "IETESTCD", "IETEST", "IEORRES", "IEDTC") == ("C002001", "18 years or older", "N", "2026-03-29")
    assert said(subject, "ARMNRS", "ARM", "RFSTDTC") == ("SCREEN FAILURE", None, None)


def test_disposition_and_survival(study):
    (stopped,), (died,) = rows(study, "DS", DSSEQ=3), rows(study, "DS", DSSEQ=5)
    alive = {row["USUBJID"][-3:]: said(row, "SSORRES", "SSDTC", "SSDY") for row in rows(study, "SS")}

    assert said(stopped, "DSTERM", "DSDECOD", "DSSTDTC") == ("Progression", "PROGRESSIVE DISEASE", "2026-02-15")
    assert said(died, "DSDECOD", "DSSTDTC", "DSSTDY") == ("DEATH", "2026-03-20", 74)
    assert alive["001"] == ("DEAD", "2026-03-20", 74)
    assert alive["003"] == ("ALIVE", "2026-02-15", 41)
    assert set(codes.STOPPED) == set(STOP_REASONS)
    assert set(codes.LEFT) == set(LEAVE_REASONS)


# ---- what is derived equals what the pages show ----


def test_adtte_is_date_minus_date_and_0_is_an_event(study):
    (death,), (response,), (duration,) = (
        rows(study, "ADTTE", PARAMCD=code, SUBJID=who) for code, who in (("OS", "001"), ("TTR", "002"), ("DOR", "002"))
    )

    assert said(death, "STARTDT", "ADT", "AVAL", "CNSR") == (story.DAY_1, date(2026, 3, 20), 73, 0)
    assert said(response, "ADT", "AVAL", "CNSR", "SRCREF") == (date(2026, 2, 4), 29, 0, "DA 2")
    assert said(duration, "STARTDT", "AVAL", "CNSR") == (date(2026, 2, 4), 1, 1)
    assert all(row["AVAL"] == (row["ADT"] - row["STARTDT"]).days for row in rows(study, "ADTTE"))


def test_times_responses_and_sets_equal_the_endpoint_run_of_the_same_record(study):
    protocol = ground.protocol(study.trial.pk)
    records = inputs.read(study.trial.pk, study.today, protocol)
    adtte, adrs, adsl = (fits.rows(sets(study)[name]) for name in ("ADTTE", "ADRS", "ADSL"))
    for suffix, settings in zip(("", "S1", "S2"), of_settings(protocol.settings).values(), strict=True):
        found = inputs.derived(records, study.today, settings)
        run = summary(found.subjects, found.levels, settings.denominator)
        for name in ("TTP", "PFS") if suffix else run["times"]:
            mine = [row for row in adtte if row["PARAMCD"] == name + suffix]
            assert len(mine) == run["times"][name]["all"]["n"]
            assert sum(row["CNSR"] == 0 for row in mine) == run["times"][name]["all"]["n_events"]
            theirs = {s["number"]: s["times"][name] for s in run["patients"]}
            assert {int(row["SUBJID"]): (row["AVAL"], row["EVNTDESC"]) for row in mine} == {
                number: (time["days"], time["because"]) for number, time in theirs.items() if time
            }
        if suffix:
            continue
        counted = [row for row in adrs if row["PARAMCD"] == "OBJRESP" and row["ANL01FL"] == "Y"]
        orr = run["response"]["all"]["orr"]
        assert (sum(row["AVAL"] for row in counted), len(counted)) == (orr["x"], orr["n"])
        flags = {
            "safety": "SAFFL",
            "all_treated": "ATRTFL",
            "dlt_evaluable": "DLTEVLFL",
            "response_evaluable": "RESPFL",
        }
        assert {name: sum(row[flag] == "Y" for row in adsl) for name, flag in flags.items()} == run["sets"]


def test_adae_adds_up_to_the_table_of_adverse_events(study):
    safety = tables.safety(study.trial.pk, study.today)
    table = adverse_table(safety.emergent, safety.patients, safety.levels)
    adae = [row for row in fits.rows(sets(study)["ADAE"]) if row["TRTEMFL"] == "Y"]

    for line in table.lines:
        flag = "AOCCPIFL" if line.term else "AOCCSIFL" if line.soc else "AOCCIFL"
        worst = [
            row["ATOXGRN"]
            for row in adae
            if row[flag] == "Y" and line.soc in ("", row["AEBODSYS"]) and line.term in ("", row["ATERM"])
        ]
        counts = line.counts[ALL]
        assert (len(worst), sum(grade >= 3 for grade in worst)) == (counts.any, counts.high + counts.five)
    (dlt,) = [row for row in adae if row["DLTFL"] == "Y"]
    assert said(dlt, "AESEQ", "DLTCRIT", "INWINFL", "ASTDY") == (1, "H3", "Y", 4)


def test_what_was_specified_of_a_term_is_told_from_it():
    assert not [term for version in ("5.0", "6.0") for term in terms.all_terms(version) if ": " in term]


def test_addlt_adds_up_to_the_rates_and_says_criterion_day_and_reason(study):
    safety, facts = tables.safety(study.trial.pk, study.today), count.facts(study.trial.pk, study.today)
    (rate,) = dlt_rates(safety.patients, {f.patient.number: f.outcome for f in facts}, safety.levels)
    addlt = fits.rows(sets(study)["ADDLT"])

    states = [row["DLTSTAT"] for row in addlt]
    assert (states.count("DLT"), sum(row["EVALFL"] == "Y" for row in addlt)) == (rate.rate.x, rate.rate.n)
    assert (states.count("PENDING"), len(addlt)) == (rate.pending, rate.treated)
    names = ("WINSDT", "WINEDT", "DLTCRIT", "DLTDY", "DLTTERM", "DLTREAS")
    assert said(addlt[0], *names) == (
        story.DAY_1,
        date(2026, 2, 2),
        "H3",
        4,
        "Platelet count decreased",
        "As reported.",
    )


def test_dose_intensity_is_that_of_the_exposure_table(study):
    safety = tables.safety(study.trial.pk, study.today)
    of_all = exposure(safety.patients, safety.levels, safety.drugs)[-1]

    for drug in ("selinexor", "ruxolitinib"):
        (row,) = rows(study, "ADEX", PARAMCD="RDI", EXTRT=drug)
        assert row["AVAL"] == of_all.intensity[drug].median
    (row,) = rows(study, "ADEX", PARAMCD="RDI", EXTRT="selinexor")
    assert row["AVAL"] == 75, "three of four doses"


def test_the_count_by_pieces_is_that_of_the_whole_record(study):
    study.event(study_patient(study, 2), term="Anemia", grade=4)  # outside the window of 002
    whole = {f.patient.number: f for f in count.facts(study.trial.pk, study.today)}
    reading = Reading(source(study.trial, study.today, sbcma=False))

    assert {n: (c.outcome, c.because) for n, c in reading.counted.items()} == {
        n: (f.outcome, f.because) for n, f in whole.items()
    }
    assert {e.number: e.state for c in reading.counted.values() for e in c.findings.values()} == {
        e.event.number: e.state for f in whole.values() for e in f.events if e.state != "none"
    }


def study_patient(study, number):
    return next(f.patient for f in study.situation().facts if f.patient.number == number)
