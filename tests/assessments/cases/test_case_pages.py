"""Pages of serious events: who sees which, what they count, what a bad answer is told, and the case report."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.cases import queries, services, sponsor
from assessments.cases.services import FollowUp
from assessments.cases.sponsor import Submitted
from assessments.exposure import services as exposure
from assessments.response.follow_up import record_follow_up
from escalation.protocol import services as protocol
from patients.follow_up.services import Followed
from tests import factories
from tests.assessments.cases.story import assess, case, correct, do, receive, report, serious
from tests.assessments.events.test_pages import browser, get, post, text
from tests.rest import ask
from trial.models import Drug
from trial.people import corrections
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return serious()


def here(study, by, name="case", *args):
    return get(study, by, f"assessments:{name}", *args if name == "cases" else (1, *args))


def get_home(study, by):
    with study.at():
        return browser(by).get("/")


def test_the_list_sends_the_instant_to_count_down_to_and_the_next_step_of_each_reader(study):
    shown = here(study, study.investigator, "cases")

    due = (study.nine + timedelta(hours=24)).isoformat()
    assert f'<time data-due datetime="{due}">' in shown.content.decode()
    assert "SAE 1" in text(shown) and "Report to the sponsor" in text(shown)
    assert "site: report to the sponsor" in text(here(study, study.statistician, "cases"))

    report(study)
    assert "Record the receipt" in text(here(study, study.medical_monitor, "cases"))


def test_another_site_sees_neither_case_nor_number(study):
    assert "SAE 1" not in text(here(study, study.other_investigator, "cases"))
    assert here(study, study.other_investigator).status_code == 404
    assert here(study, study.other_coordinator, "case_report").status_code == 404
    assert here(study, study.administrator, "cases").status_code == 403


def test_the_history_of_the_event_says_when_the_sponsor_received_it(study):
    report(study)
    receive(study)

    assert f"Received by the sponsor: – → {study.now:%-d %b %Y %H:%M} UTC" in text(here(study, study.monitor, "event"))


def test_a_case_is_told_by_the_clock_of_its_site_and_both_views_stand_side_by_side(study):
    report(study)
    receive(study)
    study.later(1)
    assess(study, "unrelated", expected=True)

    shown = text(here(study, study.statistician))

    assert "Sponsor to authority, 15 days" in shown and "nothing is owed any more" in shown
    assert "8 Jan 2026 09:00 UTC" in shown  # aware
    assert "differs" in shown and "As the brochure has it." in shown


def test_a_report_in_the_future_is_refused_beside_its_field_and_kept(study):
    with study.at():
        page = browser(study.coordinator).get(reverse("assessments:case_report_it", args=[study.trial.code, 1]))
    form = page.context["form"]
    sent = {"key": uuid.uuid4(), "rev": form["rev"].value(), "at": "9 Jan 2026 09:00"}

    answer = post(study, study.coordinator, "assessments:case_report_it", 1, answers=sent)

    assert answer.status_code == 409 and "is in the future" in text(answer)
    assert 'value="9 Jan 2026 09:00"' in answer.content.decode()
    wrong = post(study, study.coordinator, "assessments:case_report_it", 1, answers=sent | {"at": "yesterday"})
    assert wrong.status_code == 422 and "write day and time like" in text(wrong)
    done = post(study, study.coordinator, "assessments:case_report_it", 1, answers=sent | {"at": "8 Jan 2026 12:00"})
    assert done.status_code == 302 and case(study).event.sent_at == study.now


def test_every_form_of_a_case_opens_and_asks_for_a_reason_where_something_is_recorded(study):
    study.later(2)
    report(study)
    correct(study, grade=5, serious_criteria=["death"])
    sent = do(study, sponsor.submit, study.medical_monitor, said=Submitted(at=study.now, contains=1))
    news = case(study).follow_ups[0]
    forms = [
        (study.coordinator, "case_report_it", (), True),
        (study.coordinator, "case_follow_up", (), False),
        (study.coordinator, "case_follow_up_of", (news.pk,), False),
        (study.coordinator, "case_details", (), False),
        (study.coordinator, "case_lateness", ("site-1",), False),
        (study.medical_monitor, "case_receipt", (), False),
        (study.medical_monitor, "case_follow_up_receipt", (news.pk,), False),
        (study.medical_monitor, "case_submit", (), False),
        (study.medical_monitor, "case_submission", (sent.pk,), True),
        (study.medical_monitor, "case_submission_void", (sent.pk,), True),
    ]
    for by, name, args, reason in forms:
        page = here(study, by, name, *args)
        assert page.status_code == 200, name
        assert ("reason" in page.context["form"].fields) is reason, name
    assert here(study, study.coordinator, "case_lateness", "never-1").status_code == 404
    assert here(study, study.coordinator, "case_follow_up_of", uuid.uuid4()).status_code == 404


def test_a_day_of_awareness_without_an_hour_runs_from_its_start_and_the_hour_is_asked(study):
    correct(study, aware_at=None)
    midnight = study.now.replace(hour=0, minute=0)

    (clock,) = ask(study.coordinator, "serious-events/", study).json()["results"][0]["clocks"]
    assert (clock["by_day"], clock["due_at"]) == (True, f"{midnight + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    assert "from the day's start, time not recorded" in text(here(study, study.coordinator))
    report(study)
    shown = text(here(study, study.coordinator))
    assert "kept: done on" in shown and "Say at what time the site became aware" in shown


def test_a_case_without_a_day_of_awareness_runs_from_its_entry(study):
    entered = study.now
    correct(study, aware_on=None, aware_at=None)
    study.later(1)

    (clock,) = ask(study.coordinator, "serious-events/", study).json()["results"][0]["clocks"]
    assert (clock["by_day"], clock["started_at"]) == (False, f"{entered:%Y-%m-%dT%H:%M:%SZ}")
    study.now += timedelta(minutes=1)
    shown = text(here(study, study.coordinator))
    assert "when it was entered, awareness not recorded" in shown and "overdue" in shown
    assert "site: when it became aware" in text(here(study, study.statistician, "cases"))


def test_the_case_report_has_the_fields_of_cioms_and_says_what_is_open(study):
    report(study)
    assert f"24c. Date received {study.now:%-d %b %Y %H:%M} UTC 24d." in text(here(study, study.monitor, "case_report"))
    study.now += timedelta(hours=3)
    correct(study, narrative="Fever, then shock.", serious_criteria=["hospitalisation", "life_threatening"])

    shown = text(here(study, study.monitor, "case_report"))

    numbers = (
        "1.",
        "1a.",
        "2.",
        "2a.",
        "3.",
        "4-6.",
        "7.",
        "8-12.",
        "13.",
        "14.",
        "15.",
        "16.",
        "17.",
        "18-19.",
        "20.",
    )
    for number in (*numbers, "21.", "22.", "23.", "24a.", "24b.", "24c.", "24d.", "25a."):
        assert f" {number} " in shown, number
    assert "Fever, then shock." in shown and f"{study.trial.code}-AE1" in shown
    assert "Life-threatening : yes" in shown and "Patient died : no" in shown
    assert "2a. Age not recorded" in shown and "follow-up, news up to 2" in shown
    first, last = (f"{at:%-d %b %Y %H:%M} UTC" for at in (study.now - timedelta(hours=3), study.now))
    assert f"24c. Date received {last}; of the first report {first}" in shown
    assert "1a. Country not recorded" in shown and "16. Route of administration not recorded" in shown
    assert "24a. Sponsor not recorded" in shown


def test_the_case_report_names_country_route_and_sponsor_once_they_are_recorded(study):
    trial, why = study.trial.pk, {"reason": "Asked by the authority.", "by": study.administrator}
    with study.at(), pytest.raises(Refused, match="name the sponsor"):
        corrections.correct_trial(trial=trial, title="T", disease="", sponsor="", sponsor_address="Main St 1", **why)
    with study.at():
        corrections.correct_site(
            trial=trial, site=study.site.pk, code="01", name="First clinic", time_zone="UTC", country="Austria", **why
        )
        corrections.correct_trial(
            trial=trial, title="T", disease="", sponsor="Acme", sponsor_address="Main St 1, Graz", **why
        )
    with study.at():
        now = study.situation().protocol
        protocol.write(
            trial=trial, settings=replace(now.settings, routes=("selinexor: by mouth",)),
            levels=factories.ladder(len(now.levels)), drugs=factories.DRUGS, criteria=["18 years or older"],
            reason="Routes.", by=study.medical_monitor,
        )  # fmt: skip

    shown = text(here(study, study.monitor, "case_report"))

    assert "1a. Country Austria; site 01, First clinic" in shown
    assert "16. Route of administration selinexor: by mouth" in shown
    assert "24a. Sponsor Acme, Main St 1, Graz; trial" in shown
    trail = text(get(study, study.auditor, "trial:audit"))
    assert "country: – → Austria" in trail and "sponsor: – → Acme" in trail


def test_the_list_costs_the_same_for_one_case_and_for_four(study):
    def asked():
        with (
            CaptureQueriesContext(
                connection,
            ) as found,
            study.at(),
        ):
            shown = queries.cases(study.trial.pk)
            assert [one.clocks for one in shown]
        return len(found)

    one = asked()
    for grade in (1, 2, 3):
        study.event(
            study.patient,
            grade=grade,
            serious=True,
            serious_criteria=["important"],
            aware_on=study.today,
            aware_at=study.nine,
        )

    assert asked() == one


def test_the_list_is_filtered_searched_and_sorted_alike_on_the_page_and_by_rest(study):
    study.later(2)  # the 24 hours of the first are over
    known = {"serious": True, "grade": 2, "aware_on": study.today, "aware_at": study.now}
    study.event(
        study.patient, term="Anemia", serious_criteria=["important"], narrative="Transfused on the ward.", **known
    )
    study.event(study.patient, term="Nausea", serious_criteria=["disability"], **known)

    def listed(**asked):
        with study.at():
            page = browser(study.statistician).get(reverse("assessments:cases", args=[study.trial.code]), asked)
            sent = ask(study.statistician, f"serious-events/?{urlencode({'sort': 'due'} | asked)}", study)
        shown = [row.code for row in page.context["rows"]]
        assert (page.status_code, sent.status_code) in ((200, 200), (422, 400)), sent.content
        if sent.status_code == 200:
            assert [one["code"] for one in sent.json()["results"]] == shown
        return shown

    assert listed() == ["SAE 1", "SAE 3", "SAE 2"]  # of one time the newest first
    assert listed(state="late") == ["SAE 1"] and listed(state="due") == ["SAE 3", "SAE 2"]
    assert listed(state="open") == ["SAE 1", "SAE 3", "SAE 2"] and listed(state="closed") == []
    assert listed(criterion="important") == ["SAE 2"] and len(listed(patient="001")) == 3
    assert listed(q="ward TRANS") == ["SAE 2"] and listed(q="sae 3") == ["SAE 3"] and listed(q="sae 4") == []
    assert listed(level="1", site=study.site.code, sort="-number") == ["SAE 3", "SAE 2", "SAE 1"]
    assert listed(sort="event") == ["SAE 2", "SAE 3", "SAE 1"]
    assert listed(site="elsewhere") == listed(level="9") == listed(patient="002") == []  # refused, by both
    none = text(get(study, study.statistician, "assessments:cases"))
    assert "3 cases" in none and "1–3 of 3 cases" in none


def test_home_names_the_next_step_with_the_last_day_of_its_clock(study):
    home = text(get_home(study, study.coordinator))
    assert "Report to the sponsor: SAE 1" in home and "9 Jan 2026" in home
    assert "SAE 1" not in text(get_home(study, study.other_coordinator))

    report(study)
    receive(study)
    study.later(3)
    assert "Assess for the sponsor: SAE 1 23 Jan 2026" in text(get_home(study, study.medical_monitor))


def test_the_site_is_asked_when_it_learned_what_made_the_case_graver(study):
    """A change of the event tells the sponsor, and does not say since when the site knew: its 24 hours hang on that."""
    report(study)
    study.later(2)
    correct(study, serious_criteria=["hospitalisation", "life_threatening"])
    asked = "Say when the site learned of news 2"
    assert asked in text(here(study, study.coordinator))
    assert f"{asked}: SAE 1" in text(get_home(study, study.coordinator))
    assert "site: when it learned of news 2" in text(here(study, study.statistician, "cases"))
    assert asked not in text(here(study, study.medical_monitor))

    learned = FollowUp(text="Moved to intensive care.", aware_at=study.now - timedelta(hours=30))
    (row,) = case(study).follow_ups
    do(study, services.follow_up, study.coordinator, follow_up=row.pk, rev=row.rev, said=learned)

    shown = text(here(study, study.coordinator))
    assert asked not in shown and "late: done on" in shown
    study.later(1)
    correct(study, relations={drug.pk: "unrelated" for drug in Drug.objects.filter(trial=study.trial)})
    assert "Say when the site learned" not in text(here(study, study.coordinator)), (
        "an answer is no news to be aware of"
    )


def test_doses_and_therapy_dates_of_a_case_report_are_those_of_each_drug_and_end_with_the_death():
    study = factories.study().schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    patient = study.dose()
    first = study.today
    study.later(20)
    study.event(patient, term="Sepsis", grade=5, serious=True, serious_criteria=["death"], aware_on=study.today)

    def dates_of(drug):
        row = re.search(rf"<th[^>]*>{drug}</th>(.*?)</tr>", here(study, study.monitor, "case_report").text, re.DOTALL)
        return re.sub(r"<[^>]+>", "|", row[1])

    def said(*days):
        return " to ".join(f"{first + timedelta(days=day - 1):%-d %b %Y}" for day in days)

    assert f"from {said(1)}, ongoing" in dates_of("selinexor")
    with study.at():
        died = Followed(died_on=study.today, death_cause="other")
        record_follow_up(trial=study.trial.pk, patient=patient.pk, said=died, by=study.investigator)
    assert f"{said(1, 21)} at the latest (21 days)" in dates_of("selinexor")
    with study.at():
        changed = {
            "selinexor": [exposure.DayChange(15, "reduced", Decimal(5), "patient", note="half a tablet")],
            "ruxolitinib": [exposure.DayChange(3, "held", Decimal(0), "patient")],
        }
        doses = {drug.pk: changed.get(drug.name, []) for drug in Drug.objects.filter(trial=study.trial)}
        exposure.record_cycle(trial=study.trial.pk, patient=patient.pk, cycle=1, doses=doses, by=study.coordinator)
    assert f"{said(1, 15)} (15 days)" in dates_of("selinexor"), "weekly: days 1, 8 and 15"
    assert f"{said(1, 21)} (21 days)" in dates_of("ruxolitinib")
    assert f"; reduced to 5 mg a day on {said(15)}, the last day recorded up to the onset" in dates_of("selinexor")
    assert "held" not in dates_of("ruxolitinib"), "taken as planned since"
