"""Files of pages: what the page shows to this reader at that moment, taken out and recorded."""

import csv
import io
import logging
import re
from datetime import date
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import Patient
from tests import factories
from trial import dates
from trial.models import AccessEvent
from trial.record import ledger
from trial.sheets import paging

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(caplog):
    """Three patients of two sites, with an event each."""
    caplog.set_level(logging.ERROR)  # refusals are warnings
    study = factories.study().open()
    patients = [study.dose(study.enrol(by)) for by in (study.coordinator, study.other_coordinator, study.coordinator)]
    study.later(20)
    for grade, patient in enumerate(patients, 1):
        study.event(patient, term="Nausea", grade=grade)
    return study


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def ask(study, user, path, **query):
    with study.at():
        return browser(user).get(f"/trials/{study.trial.code}/{path}", query)


def body(answer):
    return b"".join(answer.streaming_content)


def rows(answer):
    assert answer["Content-Type"] == "text/csv; charset=utf-8", answer.status_code
    return list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))


def shown(answer):
    """The words of each row of the page's first table."""
    table = re.search(r"<tbody.*?</table>", answer.content.decode(), re.DOTALL)[0]
    found = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [words(unescape(re.sub(r"<[^>]*>", " ", row))) for row in found]


def words(said):
    return {word.strip(";,.:") for word in said.split()} - {"", "–"}


def on_page(value):
    """A cell as pages write it: days in words."""
    return dates.shown(date.fromisoformat(value)) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value


def test_a_file_holds_what_its_page_shows_and_no_more(study):
    """Word by word, whoever reads."""
    for user, path in (
        (study.dsmb, "patients/"),
        (study.other_coordinator, "patients/"),
        (study.dsmb, "events/"),
        (study.statistician, "safety/"),
        (study.statistician, "safety/patients/"),
    ):
        part = {"part": "overview"} if path == "safety/" else {}
        file = rows(ask(study, user, path, format="csv", **part))
        read = [words(" ".join(on_page(value) for value in list(row.values())[:-3])) for row in file]
        assert read == shown(ask(study, user, path)), path
        assert {row["Filters"] for row in file} == {"none"}
        assert {row["As of"].split(",")[0] for row in file} == {f"record no. {ledger.number_of(study.trial.pk)}"}
    assert [row["Patient"] for row in rows(ask(study, study.other_coordinator, "patients/", format="csv"))] == ["002"]


def test_a_file_follows_the_filter_and_names_it(study):
    unknown = {"level": "", "drug": "selinexor", "colour": "blue"}  # to this page
    for _ in range(2):
        file = rows(ask(study, study.dsmb, "events/", grade="3", sort="number", format="csv", **unknown))

        assert [row["Event"] for row in file] == ["AE 3"]
        assert file[0]["Filters"] == "Grade: 3 or higher; Sorted by number"
    for _ in range(2):
        file = rows(ask(study, study.dsmb, "patients/", colour="blue", format="csv"))
        assert file[0]["Filters"] == "none"
    (filters,) = {row["Filters"] for row in rows(ask(study, study.dsmb, "events/", sort="colour", format="csv"))}
    assert filters == "none", "a column that there is not orders nothing"
    then = ledger.number_of(study.trial.pk)
    past = rows(ask(study, study.dsmb, "events/", grade="3", colour="blue", as_of=then, format="csv"))
    assert past[0]["Filters"] == "Grade: 3 or higher"


def test_a_past_page_gives_the_table_of_then_and_says_so(study):
    then = ledger.number_of(study.trial.pk)
    study.event(Patient.objects.get(trial=study.trial, number=1), term="Vomiting", grade=2)

    before = rows(ask(study, study.dsmb, "events/", format="csv", as_of=then))
    assert len(before) == 3
    assert {row["As of"].split(",")[0] for row in before} == {f"record no. {then}"}
    assert before[0]["As of"].endswith("as it was then")
    assert len(rows(ask(study, study.dsmb, "events/", format="csv"))) == 4


def test_a_figure_leaves_as_svg_pdf_and_picture_with_title_trial_and_moment(study):
    svg = body(ask(study, study.dsmb, "", part="ladder", format="svg"))

    words = [one.text for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert words[0] == "Dose ladder"
    assert f"{study.trial.code}: {study.trial.title}" in words
    assert any(word.startswith(f"Record no. {ledger.number_of(study.trial.pk)},") for word in words if word)
    assert body(ask(study, study.dsmb, "", part="ladder", format="pdf")).startswith(b"%PDF")
    assert body(ask(study, study.dsmb, "", part="ladder", format="png")).startswith(b"\x89PNG")
    assert len(rows(ask(study, study.dsmb, "", part="ladder", format="csv"))) >= 3  # the figure's table has its name


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ({"part": "tally", "format": "doc"}, 400, "A file is one of csv, xlsx, svg, png, pdf, not “doc”."),
        ({"part": "nothing", "format": "csv"}, 404, "This page has nothing of the name “nothing”."),
        ({"part": "tally", "format": "png"}, 400, "A table is taken as csv or xlsx, not as png."),
        ({"format": "csv"}, 400, "Say which by part=: ladder, tally"),
    ],
    ids=["format", "part", "kind", "several"],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(study, asked, status, why):
    answer = ask(study, study.dsmb, "", **asked)

    assert answer.status_code == status
    assert why in unescape(answer.content.decode())


def test_taking_a_file_is_recorded_and_costs_one_statement_more_than_the_page(study):
    client, at = browser(study.auditor), f"/trials/{study.trial.code}/events/"
    with study.at():
        client.get(at)
        with CaptureQueriesContext(connection) as page:
            client.get(at, {"sort": "number"})
        with CaptureQueriesContext(connection) as file:
            body(client.get(at, {"format": "xlsx"}))

    assert len(file) <= len(page) + 2  # the event, and the database's clock
    event = AccessEvent.objects.filter(kind="export").latest("at")
    assert (event.user, event.trial) == (study.auditor, study.trial)
    assert event.detail.startswith("List of events as XLSX, record no.")


def test_the_audit_trail_leaves_as_a_workbook_too(study):
    answer = ask(study, study.auditor, "audit/export/", format="xlsx")

    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert body(answer).startswith(b"PK")
    assert ask(study, study.auditor, "audit/export/", format="png").status_code == 400
    assert "by Export on its page" in ask(study, study.auditor, "audit/", format="csv").content.decode()


def test_a_page_of_questions_names_those_that_it_knows(study):
    """Of a long form, too, a word that it has no field for is none of its filters."""
    plain = {row["Filters"] for row in rows(ask(study, study.dsmb, "escalation/design/", part="dlts", format="csv"))}
    asked = {"part": "dlts", "format": "csv", "colour": "blue"}
    assert {row["Filters"] for row in rows(ask(study, study.dsmb, "escalation/design/", **asked))} == plain == {"none"}


def test_the_table_of_the_rule_is_called_what_it_is(study):
    page = ask(study, study.dsmb, "escalation/").text
    assert "part=rule&amp;format=csv" in page and "how-firm" not in re.sub(r'id="[^"]*"', "", page)


def test_a_list_is_cut_into_pages_by_one_function_that_gives_a_file_all_of_it():
    """A view that cuts its rows by itself gives a file of the shown page alone."""
    sources = [path for app in ("trial", "patients", "assessments", "escalation") for path in Path(app).rglob("*.py")]
    cutting = {str(path) for path in sources if "Paginator(" in path.read_text()}

    assert cutting == {"trial/sheets/paging.py"}


def test_a_stranger_gets_no_file(study):
    assert ask(study, study.administrator, "events/", format="csv").status_code == 403
    assert ask(study, factories.person("Nobody here"), "events/", format="csv").status_code == 404


def test_a_file_of_a_long_list_has_all_its_rows(rf):
    request = rf.get("/", {"page": 2})

    assert list(paging.page_of(request, range(120), 50)) == list(range(50, 100))

    request.taken = object()
    assert len(paging.page_of(request, range(120), 50)) == 120
