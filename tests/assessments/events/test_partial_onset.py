"""An onset known to the month or the year only: stored as such, asked for, and never guessed in the count."""

import re
import uuid
from datetime import date

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.count import queries as count
from assessments.models import AdverseEvent
from assessments.response import alive
from escalation.dashboard import waiting
from tests import factories, rest
from trial import dates
from trial.dates import Partial
from trial.models import Drug
from trial.people import access
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient dosed on 5 January 2026: his window closes on 1 February. Today is 10 February."""
    made = factories.study().open()
    made.patient = made.dose()
    return made.later(36)


def in_part(study, typed, **said):
    onset = dates.read_partial(typed)
    event = study.event(study.patient, onset_on=onset.first, onset_known=onset.known, **said)
    event.refresh_from_db()
    return event


def facts(study):
    return next(f for f in study.situation().facts if f.patient.pk == study.patient.pk)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("&#x27;", "'")


def ask(study, name, *args, by=None, **typed):
    client = Client()
    client.force_login(by or study.investigator, settings.AUTHENTICATION_BACKENDS[-1])
    url = reverse(name, args=[study.trial.code, *args])
    with study.at():
        return client.post(url, {"key": uuid.uuid4(), **typed}) if typed else client.get(url)


def answers(study, **more):
    relations = {f"relation_{d.position}": "possible" for d in Drug.objects.filter(trial=study.trial)}
    return {"term": "Platelet count decreased", "grade": 4, **relations, **more}


@pytest.mark.parametrize(
    ("typed", "first", "last", "shown", "iso"),
    [
        ("Mar 2026", date(2026, 3, 1), date(2026, 3, 31), "Mar 2026", "2026-03"),
        ("feb 2028", date(2028, 2, 1), date(2028, 2, 29), "Feb 2028", "2028-02"),
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31), "Mar 2026", "2026-03"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026", "2026"),
        ("4 Mar 2026", date(2026, 3, 4), date(2026, 3, 4), "4 Mar 2026", "2026-03-04"),
        ("2026-12-31", date(2026, 12, 31), date(2026, 12, 31), "31 Dec 2026", "2026-12-31"),
    ],
)
def test_as_much_of_a_date_is_read_as_is_known(typed, first, last, shown, iso):
    found = dates.read_partial(typed)

    assert (found.first, found.last, found.shown, str(found)) == (first, last, shown, iso)


@pytest.mark.parametrize("typed", ["03/2026", "2026-13", "March 2026", "26", "Mar 26", "1850", "0026-10", "3 2026", ""])
def test_a_third_form_is_refused(typed):
    with pytest.raises(ValueError, match="14 Mar 2026 or 2026-03-14"):
        dates.read_partial(typed)


@pytest.mark.parametrize(
    ("onset", "said", "state"),
    [
        ("Jan 2026", {}, "suspected"),  # some day of it lies in the window
        ("2026", {}, "suspected"),
        ("Feb 2026", {}, "suspected"),  # 1 February is its last day
        ("Dec 2025", {}, "none"),  # before the first dose
        ("2025", {}, "none"),
        ("Jan 2026", {"term": "Nausea", "grade": 1}, "none"),  # no day of it would meet a criterion
        ("Jan 2026", {"grade": 3}, "open"),  # whether there was bleeding is not answered yet
        ("Jan 2026", {"term": "Nausea", "grade": 3}, "suspected"),  # it goes on past 72 hours, whatever day it began
        ("Dec 2025", {"grade": 3}, "none"),
        # seven days at grade 4 are possible when it began in January
        ("Jan 2026", {"term": "Neutrophil count decreased", "ended_on": date(2026, 1, 20)}, "suspected"),
        ("Jan 2026", {"term": "Neutrophil count decreased", "ended_on": date(2026, 1, 8)}, "none"),
        # a death clearly due to myeloma makes him not evaluable inside the window alone
        (
            "Feb 2026",
            {
                "term": "Sepsis",
                "grade": 5,
                "qualifiers": {"due_to_myeloma": True, "outside_cause": False},
                "ended_on": date(2026, 2, 4),
            },
            "open",
        ),
    ],
)
def test_what_depends_on_the_day_stays_suspected_or_pending(study, onset, said, state):
    in_part(study, onset, **said)

    f = facts(study)
    assert f.events[0].state == state
    assert f.outcome == {"suspected": "suspected"}.get(state, "pending")
    assert f"The onset is known as {onset} only: the day is asked for." in f.events[0].suggestion.because


def test_the_day_decides_once_it_is_known(study):
    study.take_doses(study.patient)
    event = in_part(study, "Feb 2026")
    assert not count.confirmable(facts(study))
    assert study.situation().held_at(1)

    page = ask(study, "assessments:correct", event.number)
    assert 'value="Feb 2026"' in page.content.decode()
    answer = ask(
        study, "assessments:correct", event.number,
        **answers(study, onset_on="3 Feb 2026", rev=event.rev, reason="The patient's diary."),
    )  # fmt: skip

    assert answer.status_code == 302
    event.refresh_from_db()
    assert (event.onset_on, event.onset_known) == (date(2026, 2, 3), None)
    assert facts(study).events[0].state == "none"
    assert count.confirmable(facts(study)) == "completed"
    assert "Onset: Feb 2026 → 3 Feb 2026" in text(ask(study, "assessments:event", event.number))
    trail = text(ask(study, "trial:audit", by=study.auditor))
    assert "onset: Feb 2026 → 3 Feb 2026" in trail


def test_a_verdict_stands_whatever_the_day_was(study):
    event = in_part(study, "Jan 2026")
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)

    assert facts(study).outcome == "dlt"


def test_it_is_typed_stored_and_shown_as_it_is_known(study):
    answer = ask(study, "assessments:report", study.patient.code, **answers(study, onset_on="Jan 2026"))

    event = AdverseEvent.objects.get()
    assert answer.url == reverse("assessments:event", args=[study.trial.code, event.number])
    assert (event.onset_on, event.onset_known) == (date(2026, 1, 1), "month")
    assert "Onset Jan 2026, the day is not known yet" in text(ask(study, "assessments:event", event.number))
    for name, args in (
        ("assessments:events", ()),
        ("patients:patient", (study.patient.code,)),
        ("assessments:verdict", (event.number,)),
        ("assessments:review", ()),
    ):
        page = text(ask(study, name, *args))
        assert "Jan 2026" in page, name
        assert "1 Jan 2026" not in page.replace("5 Jan", ""), name
    assert rest.ask(study.investigator, f"events/{event.pk}/", study).json()["onset_on"] == "2026-01"


def test_the_panel_beside_the_form_says_what_its_days_would_mean(study):
    client = Client()
    client.force_login(study.investigator, settings.AUTHENTICATION_BACKENDS[-1])
    url = reverse("assessments:preview", args=[study.trial.code, study.patient.code])

    with study.at():
        page = client.post(url, {"key": uuid.uuid4(), **answers(study, onset_on="2026")}).content.decode()

    assert "The onset is known as 2026 only: the day is asked for." in page
    assert "This meets a DLT criterion" in page


def test_rest_takes_and_gives_it_as_it_is_known(study):
    body = {"patient": str(study.patient.pk), "term": "Nausea", "grade": 1, "relations": {}}

    month = rest.send(study.investigator, "events/", study, body | {"onset_on": "Jan 2026"})
    year = rest.send(study.investigator, "events/", study, body | {"onset_on": "2026", "again": True})
    wrong = rest.send(study.investigator, "events/", study, body | {"onset_on": "01/2026"})

    assert (month.json()["onset_on"], month.json()["onset_day"]) == ("2026-01", None)
    assert (year.status_code, year.json()["onset_on"]) == (201, "2026")
    assert wrong.json()["errors"]["onset_on"] == [
        "Write a date like 14 Mar 2026 or 2026-03-14; where the day is not known, Mar 2026 or 2026."
    ]


@pytest.mark.parametrize(
    ("onset", "more", "field", "sentence"),
    [
        ("Mar 2026", {}, "onset_on", "Onset: 1 Mar 2026 is in the future."),
        ("2024", {}, "onset_on", "Facts of the trial begin a year before"),
        ("Jan 2026", {"ended_on": date(2025, 12, 31)}, "ended_on", "is before the onset (Jan 2026)"),
        ("Jan 2026", {"aware_on": date(2025, 12, 31)}, "aware_on", "is before the onset (Jan 2026)"),
        ("Dec 2025", {"suspected": True}, "suspected", "Onset: Dec 2025 is before the first dose"),
    ],
)
def test_what_no_day_of_it_can_be_is_refused(study, onset, more, field, sentence):
    with pytest.raises(Refused, match=re.escape(sentence)) as refusal:
        in_part(study, onset, **more)
    assert refusal.value.field == ("onset_on" if field == "suspected" else field)


def test_a_year_whose_last_days_are_within_the_bounds_is_taken(study):
    assert in_part(study, "2025", term="Nausea", grade=1).onset == Partial(date(2025, 1, 1), "year")


def test_an_answer_is_held_against_no_day_that_is_not_known(study):
    said = {"term": "Nausea", "grade": 3, "qualifiers": {"controlled_within_72h": True}}

    in_part(study, "Feb 2026", **said, ended_on=date(2026, 2, 9))
    with pytest.raises(Refused, match="Within 72 hours of 31 Jan 2026"):
        in_part(study, "Jan 2026", **said, ended_on=date(2026, 2, 9))


def test_it_waits_on_the_list_of_its_site_until_it_is_known(study):
    event = in_part(study, "Jan 2026", term="Nausea", grade=1)

    def waits(user):
        with study.at():
            scope = access.scope(user, study.trial.pk)
            return [item.text for item in waiting.things(scope, study.situation()) if "onset" in item.text]

    assert waits(study.investigator) == [f"Day of onset: patient 001, AE {event.number}, known as Jan 2026"]
    assert waits(study.other_investigator) == []
    assert waits(study.dsmb) == []


def test_the_patient_was_alive_on_its_earliest_day(study):
    in_part(study, "Feb 2026", term="Nausea", grade=1)

    assert [one.on for one in alive.of_patients([study.patient])[study.patient.pk]] == [date(2026, 2, 1)]


@pytest.mark.parametrize(("known", "on"), [("month", date(2026, 1, 2)), ("year", date(2026, 2, 1)), ("week", None)])
def test_the_database_holds_the_earliest_day_of_an_onset_in_part(study, known, on):
    event = study.event(study.patient, term="Nausea", grade=1)

    with pytest.raises(IntegrityError, match="event_onset_known_is_earliest_day"), transaction.atomic():
        study.event(study.patient, term="Vomiting", grade=1, onset_on=on or date(2026, 1, 1), onset_known=known)
    assert AdverseEvent.objects.get() == event


def test_the_corrector_of_an_old_page_sees_what_is_known_meanwhile(study):
    event = in_part(study, "Jan 2026")
    opened = event.rev
    ask(study, "assessments:correct", event.number,
        **answers(study, onset_on="20 Jan 2026", rev=opened, reason="Diary."))  # fmt: skip

    answer = ask(study, "assessments:correct", event.number,
                 **answers(study, onset_on="21 Jan 2026", rev=opened, reason="Letter."))  # fmt: skip

    assert answer.status_code == 409
    assert "Onset Jan 2026 20 Jan 2026 21 Jan 2026" in text(answer)


def test_the_same_event_in_part_is_reported_once(study):
    nausea = {"term": "Nausea", "grade": 1, "key": uuid.uuid4()}
    in_part(study, "Jan 2026", term="Nausea", grade=1)

    same = ask(study, "assessments:report", study.patient.code, **answers(study, onset_on="2026-01", **nausea))
    ask(study, "assessments:report", study.patient.code, **answers(study, onset_on="1 Jan 2026", **nausea))
    sure = answers(study, onset_on="1 Jan 2026", again="yes", **nausea)
    other = ask(study, "assessments:report", study.patient.code, **sure)

    assert same.status_code == 409
    assert "reported already as AE 1" in text(same)
    assert other.status_code == 302
