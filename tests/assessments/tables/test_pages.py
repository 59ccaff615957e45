"""The Safety pages and their endpoints: whose patients, what is said live and as frozen, where each number leads."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.biomarker import queries as biomarker
from assessments.models import AdverseEvent
from assessments.response.follow_up import record_follow_up
from assessments.tables import queries
from assessments.tables.adverse import FILTERS, fits
from assessments.tables.summary import treated_days
from escalation.decisions.holding import hold
from escalation.meetings import services as meetings
from patients.dosing import services as dosing
from patients.follow_up.services import Followed
from tests import factories
from tests.patients.test_days import zone
from tests.rest import ask
from trial.models import Drug
from trial.record import ledger

pytestmark = pytest.mark.django_db
PAGES = ("safety/", "safety/events/", "safety/listings/", "safety/displays/", "safety/patients/")


@pytest.fixture
def study():
    """Level 1: 001 with nausea 1 and anaemia 4, 002 without an event, 003 of site 02 with a DLT; all on day 21."""
    made = factories.study().open()
    one, two = made.dose(), made.dose()
    three = made.dose(made.enrol(made.other_coordinator))
    made.later(10)
    made.event(one, term="Nausea", grade=1, onset_on=made.today - timedelta(days=4))
    unrelated = {drug.pk: "unrelated" for drug in Drug.objects.all()}
    made.event(one, term="Anemia", grade=4, serious=True, aware_on=made.today, relations=unrelated)
    made.dlt(three)
    made.patients = (one, two, three)
    return made.later(10)


def get(study, path="safety/", who="dsmb", **query):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}", query)


def words(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def rows(page):
    """Of each table line its name and what its cells say: {"Stopped": ["0", "1 (33.3 %)"]}."""
    lines = re.findall(r'<tr[^>]*><th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', page.text, re.DOTALL)
    cell = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
    plain = lambda html: re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html))).strip()  # noqa: E731
    return {plain(name): [plain(one) for one in cell.findall(cells)] for name, cells in lines}


def test_the_table_counts_each_patient_once_at_his_worst_grade(study):
    page = get(study, "safety/events/")

    assert page.status_code == 200
    found = rows(page)
    third = "1 (33.3 %)"
    assert found["Any event"] == ["2 (66.7 %)", "0", "2 (66.7 %)", "0"] * 2  # level 1 and all
    assert found["Nausea"] == [third, third, "0", "0"] * 2
    assert found["Anemia"] == found["Platelet count decreased"] == [third, "0", third, "0"] * 2
    assert "3 of 3 treatment-emergent events" in words(page)
    only = rows(get(study, "safety/events/", serious="yes"))
    assert set(only) == {"Any event", "Blood and lymphatic system disorders", "Anemia"}


def test_every_number_leads_to_its_patients(study):
    for path in ("safety/", "safety/events/", "safety/displays/"):
        page = get(study, path)
        links = re.findall(r'href="[^"]*/(safety/patients/\?[^"]*)">(\d+)(?: \(\d+\.\d %\))?</a>', page.text)
        assert links
        for address, number in list(dict(links).items())[::5]:
            there = get(study, unescape(address))
            assert there.status_code == 200
            assert f"{number} of 3 treated patients" in words(there)


def test_medians_rates_and_intervals_lead_to_whom_they_are_of(study):
    study.take_doses(study.patients[0], 90)
    study.take_doses(study.patients[1], 80)
    drug = Drug.objects.filter(trial=study.trial).first().name
    page = get(study)
    links = {words: unescape(to) for to, words in re.findall(r'/(safety/patients/\?[^"]*)">([^<]+)</a>', page.text)}
    assert "show=exposure-intensity" in links["85.0 % (80.0–90.0)"]
    there = get(study, links["85.0 % (80.0–90.0)"])
    assert "Dose intensity" in words(there) and "2 of 3 treated patients" in words(there)
    assert re.findall(r'data-label="Value">([^<]+)', there.text) == ["80.0 %", "90.0 %"]  # by the value
    (rate,) = (to for said, to in links.items() if said.startswith("1/1"))
    assert "show=count-evaluable" in rate and "1 of 3 treated patients" in words(get(study, rate))
    behind = ask(study.dsmb, f"safety/patients/?show=exposure-intensity&drug={drug}", study).json()["patients"]
    assert [(one["patient"], one["value"]) for one in behind] == [("002", 80), ("001", 90)]
    over = {
        day: ask(study.dsmb, f"safety/patients/?show=first-event&day={day}", study).json()["patients"]
        for day in (9, 10)
    }
    assert [[one["patient"] for one in over[day]] for day in (9, 10)] == [[], ["001", "003"]]
    displays = get(study, "safety/displays/").text
    assert "show=first-event&amp;day=0" not in displays and "show=first-risk&amp;day=0" in displays


def test_site_staff_read_their_own_patients_alone(study):
    for path in PAGES:
        assert "Safety, 3 treated patients" in words(get(study, path, who="monitor"))
        assert "Safety, 2 treated patients of site" in words(get(study, path, who="investigator"))
        assert "Safety, 1 treated patient of site" in words(get(study, path, who="other_coordinator"))
        assert get(study, path, who="administrator").status_code == 403
    with study.at():
        hold(trial=study.trial.pk, reason="patient 003 is in hospital", by=study.medical_monitor)
    assert "patient 003 is in hospital" in words(get(study.later(2)))
    assert "a patient is in hospital" in words(get(study, who="coordinator"))
    assert ask(study.coordinator, "safety/", study).json()["days_held"] == 2
    mine = ask(study.other_investigator, "safety/adverse-events/", study).json()
    assert mine["n"] == {"1": 1, "all": 1}
    assert [line["term"] for line in mine["lines"]] == ["", "", "Platelet count decreased"]


def test_the_summary_says_what_became_of_the_patients(study):
    one, two, _ = study.patients
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=two.pk, on=study.today - timedelta(days=2), stop_reason="Patient's wish",
            by=study.investigator,
        )  # fmt: skip
        record_follow_up(
            trial=study.trial.pk, patient=one.pk, said=Followed(died_on=study.today, death_cause="progression"),
            by=study.investigator,
        )  # fmt: skip
    found = rows(get(study))
    third, died = "1 (33.3 %)", "Died; no end of treatment is recorded"
    assert [found[name][-1] for name in ("Treated", "On treatment", "Stopped", "Patient's wish", died, "Died")] == [
        "3 (100.0 %)", third, "2 (66.7 %)", third, third, third,
    ]  # fmt: skip
    (rate,) = ask(study.dsmb, "safety/", study).json()["dlt_rates"]
    assert [rate[name] for name in ("treated", "evaluable", "dlts", "pending", "not_evaluable")] == [3, 1, 1, 2, 0]
    assert (rate["lower"], rate["upper"]) == (pytest.approx(0.025), 1)  # of 1/1, as R's binom.test
    listed = words(get(study, "safety/listings/"))
    assert "Progression of myeloma last dose not known within 30 days" in listed
    assert f"AE 2 {one.code} 1 Anemia 4 from day 11, ongoing no" in listed


def test_a_death_names_its_event_and_ends_treatment_and_its_days(study):
    one = study.patients[0]
    died = study.today
    with study.at():
        record_follow_up(
            trial=study.trial.pk,
            patient=one.pk,
            said=Followed(died_on=died, death_cause="other"),
            by=study.investigator,
        )
    fatal = study.event(one, term="Sepsis", grade=5, onset_on=died)
    days = (died - one.treatment.first_dose_on).days + 1
    study.later(60)

    (line,) = ask(study.dsmb, "safety/listings/", study).json()["deaths"]
    assert (line["said"], line["events"]) == ("Another cause", [fatal.number])
    page = get(study, "safety/listings/")
    assert f"Another cause, AE {fatal.number} sepsis last dose not known within 30 days" in words(page)
    assert f"/events/{fatal.number}/" in page.content.decode()
    for table in (None, ()):  # that of adverse events alone reads less
        found = queries.safety(study.trial.pk, study.today, table=table).of_number[one.number]
        assert (found.stopped, found.until) == (died, died + timedelta(days=30))
    assert treated_days(found) == days


def test_a_death_of_a_site_whose_day_is_ahead_of_the_trials_counts_at_once_live_and_as_of_then(study):
    """At 20:00 UTC it is the next day in Auckland: what happened there today is no fact of after the period."""
    zone(study, study.other_site, "Pacific/Auckland")
    study.now = study.now.replace(hour=20)
    three = study.patients[2]
    today = study.today + timedelta(days=1)
    with study.at():
        record_follow_up(
            trial=study.trial.pk,
            patient=three.pk,
            said=Followed(died_on=today, death_cause="other"),
            by=study.other_investigator,
        )
    study.event(three, term="Sepsis", grade=5, onset_on=today, serious=True, serious_criteria=["death"])
    then = ledger.number_of(study.trial.pk)

    for asked in ({}, {"as_of": then}):
        assert rows(get(study, **asked))["Fatal (grade 5)"] == ["1 (33.3 %)"] * 2
        assert "after the period" not in words(get(study, "safety/listings/", **asked))
        assert rows(get(study, "safety/events/", **asked))["Sepsis"][3] == "1 (33.3 %)"


def test_what_cannot_be_asked_is_refused_by_name(study):
    for said, why in (
        ("7", "no meeting froze a cut at record no. 7"),
        ("x", "write the record number"),
        ("0", "write"),
    ):
        assert why in words(page := get(study, cut=said))
        assert page.status_code == 400
    for path in ("safety/?cut=7", "safety/adverse-events/?serious=2", "safety/patients/?level=9", "safety/?level=1"):
        assert ask(study.dsmb, path, study).status_code == 400


def test_the_queries_are_as_many_for_many_as_for_few(study):
    def counted():
        with CaptureQueriesContext(connection) as made:
            assert queries.safety(study.trial.pk, study.today).emergent
        return len(made)

    few = counted()
    for _ in range(4):
        study.event(study.patients[1], term="Vomiting", grade=2)
    assert counted() == few <= 16
    every = queries.safety(study.trial.pk, study.today).emergent
    for name in FILTERS:  # only what a filter asks for is read where the table alone is
        asked = queries.safety(study.trial.pk, study.today, table=[name]).emergent
        assert [fits(one, [name]) for one in asked] == [fits(one, [name]) for one in every]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_cut_shows_what_the_members_read_without_what_is_hidden_today(study, monkeypatch):
    with study.at():
        meeting = meetings.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        cut = meetings.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
    with study.later(3).at():
        hold(trial=study.trial.pk, reason="A look at all data first.", by=study.medical_monitor)
    study.event(study.patients[1], term="Vomiting", grade=3)
    study.later(2)
    held = [ask(study.dsmb, f"safety/{of}", study).json()["levels_held"] for of in ("", f"?cut={cut.record}")]
    assert [(one["level"], one["days_held"]) for (one,) in held] == [("1", 2), ("1", 0)]

    assert "Vomiting" in rows(get(study, "safety/events/"))
    assert f'safety/?cut={cut.record}"' in get(study, "meetings/1/cuts/1/").text
    for path in PAGES:
        then = get(study, path, cut=cut.record)
        frozen = f"cut 1 of meeting 1, {cut.on:%-d %b %Y}, record no. {cut.record}"
        assert f"The trial as frozen: {frozen}" in words(then)
        assert f"As frozen: {frozen}" in words(then)
        assert f'href="/trials/{study.trial.code}/safety/events/?cut={cut.record}"' in then.text
        assert rows(then) == rows(get(study, path, as_of=cut.record))
        assert f'value="{cut.record}">cut 1 of meeting 1' in get(study, path).text
        assert f'value="{cut.record}" selected>' in then.text
    live, then = (
        ask(study.dsmb, f"safety/displays/{asked}", study).json()["incidence"] for asked in ("", f"?cut={cut.record}")
    )
    assert (live[-1]["n_risk"], live[-1]["days"], then[-1]["days"]) == (1, 23, 20)

    anaemia = AdverseEvent.objects.get(term="Anemia").pk
    monkeypatch.setattr(biomarker, "hidden", lambda trial: frozenset({anaemia}))  # by the one list of what is hidden
    for moment in ({"as_of": cut.record}, {"cut": cut.record}):
        page = get(study, "safety/events/", **moment)
        assert "What you may not read today is left out" in words(page)
        assert {"Nausea", "Anemia"} & set(rows(page)) == {"Nausea"}
    frozen = ask(study.dsmb, f"safety/adverse-events/?cut={cut.record}", study).json()
    assert "Anemia" not in [line["term"] for line in frozen["lines"]]
    assert "Anemia" in rows(get(study, "safety/events/"))
