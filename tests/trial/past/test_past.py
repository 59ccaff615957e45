"""Pages as of then: what stood there is shown, what came later is not, and rights are those of today."""

import logging
import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import resolve

from assessments.biomarker import queries as biomarker
from assessments.endpoints import queries as endpoints
from assessments.endpoints.models import EndpointRun
from assessments.events import services as events
from assessments.events.report import EventReport
from assessments.models import AdverseEvent
from assessments.response import services as response
from assessments.response.follow_up import record_follow_up
from assessments.response.models import DiseaseAssessment
from escalation.decisions import holding
from escalation.decisions import services as decisions
from escalation.meetings import services as meetings
from escalation.protocol import services as protocol
from escalation.situation import history
from patients.consent import services as consent
from patients.follow_up.services import Followed
from patients.models import Consent
from tests import factories
from tests.access.study import VERDICT, walked
from tests.access.walk import PAGES, TABLE, by_method, path
from trial import services
from trial.models import Membership
from trial.past import asked, pages
from trial.people import corrections
from trial.people import services as people
from trial.protocol_settings import ProtocolSettings
from trial.record import ledger
from trial.roles import Role

pytestmark = pytest.mark.django_db
LATER = "said later"  # in every reason and name that is written after the moment
BANNER = "The trial as it was at no. {}"


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(study, client, at, **query):
    with study.at():
        return client.get(at, query)


def text(answer):
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def head(study):
    return ledger.number_of(study.trial.pk)


def readable(rows):
    """The address of every page that can be read as of then, with the study's rows in it."""
    found = {path(a, rows) for a in TABLE if a.startswith(PAGES) and "GET" in by_method(a)}
    return sorted(at for at in found if resolve(at).view_name in pages.READABLE)


def middle(answer):
    """What the page shows, without what the moment itself adds to it."""
    found = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    found = re.sub(r'<details class="menu as-of">.*?</details>', "", found, flags=re.DOTALL)
    found = re.sub(r'<input type="hidden" name="as_of" value="\d+">', "", found)
    # safety tables offer the cuts of meetings, which are moments, too
    found = re.sub(r'<form [^>]*aria-label="What the tables show".*?</form>', "", found, flags=re.DOTALL)
    # the past of a simulated trial has no hour
    found = re.sub(r" · (?:as of <time.*?</time>|protocol version \d+ · record no\. \d+)", "", found)
    found = re.sub(r"\s+", " ", found).replace("record as it stood:", "record as it stands:")
    return re.sub(r"\?as_of=\d+(?:&amp;)?|&amp;as_of=\d+", "", found).replace('?"', '"')


def write_more(study, rows):
    """Ten days later every kind of fact that the pages show is another."""
    trial, patient = study.trial.pk, rows["patient"]
    study.later(10)
    event, assessment = AdverseEvent.objects.get(pk=rows["event"].pk), DiseaseAssessment.objects.get(patient=patient)
    given = Consent.objects.get(slot=patient.slot, kind=Consent.Kind.BIOMARKER)
    with study.at():
        decisions.withdraw(trial=trial, decision=study.situation().proposed.pk, reason=LATER, by=study.medical_monitor)
        meetings.close(trial=trial, meeting=rows["meeting"].pk, reason=LATER, by=study.dsmb)
        events.correct_event(
            trial=trial, event=event.pk, rev=event.rev, reason=LATER, by=study.investigator,
            report=EventReport(
                term="Nausea", grade=3, onset_on=event.onset_on, relations={}, qualifiers={},
                ended_on=event.onset_on + timedelta(days=2),
            ),
        )  # fmt: skip
        response.correct_assessment(
            trial=trial, assessment=assessment.pk, visit_on=assessment.visit_on, rev=assessment.rev, reason=LATER,
            answers=factories.answers(assessment.visit_on, serum_m="1.1"), by=study.coordinator,
        )  # fmt: skip
        record_follow_up(
            trial=trial, patient=patient.pk, said=Followed(died_on=study.today, death_cause="other"),
            by=study.coordinator,
        )  # fmt: skip
        consent.withdraw_consent(trial=trial, consent=given.pk, on=study.today, reason=LATER, by=study.coordinator)
        corrections.correct_site(
            trial=trial, site=study.site.pk, code="01", name=LATER, time_zone="Asia/Tokyo", reason=LATER,
            by=study.administrator,
        )  # fmt: skip
        corrections.correct_trial(trial=trial, title=LATER, disease="", reason=LATER, by=study.administrator)
        holding.hold(trial=trial, reason=LATER, by=study.medical_monitor)
        protocol.write(
            trial=trial, settings=ProtocolSettings(), levels=factories.ladder(4), drugs=factories.DRUGS,
            criteria=[LATER], reason=LATER, unusual="As the test says.", by=study.medical_monitor,
        )  # fmt: skip


OF_RUNS = ("efficacy/", "biomarker/")  # today they also say how the wanted run stands


@pytest.mark.long
def test_a_page_as_of_then_is_the_page_that_stood_there(caplog):
    """Read by the auditor, who has seen the same pages when they were those of today."""
    caplog.set_level(logging.CRITICAL)
    trial = walked()
    study, client, number = trial.study, browser(trial.study.auditor), head(trial.study)
    then = {at: middle(get(study, client, at)) for at in readable(trial.rows)}
    write_more(study, trial.rows)
    wrong = []

    for at, before in then.items():
        answer = get(study, client, at, as_of=number)
        words = answer.content.decode()
        if answer.status_code != 200 or BANNER.format(number) not in words or LATER in words:
            wrong.append(f"{at}: {answer.status_code}, with its banner and nothing later")
        elif middle(answer) != before and not at.endswith(OF_RUNS):
            wrong.append(f"{at}: another page than then")

    assert wrong == [], "\n".join(wrong)
    for page in ("patients/1/", "events/1/", "response/patients/1/", "escalation/", "meetings/1/", "protocol/"):
        at = f"/trials/{study.trial.code}/{page}"
        assert middle(get(study, client, at)) != then[at]


def test_every_other_page_says_why_it_has_no_past(caplog):
    caplog.set_level(logging.CRITICAL)
    trial = walked()
    client, number, wrong = browser(trial.study.medical_monitor), head(trial.study), []

    for address in (a for a in TABLE if not a.startswith(("api/", "accounts/"))):
        methods, at = by_method(address), path(address, trial.rows)
        view = resolve(at).view_name
        if "GET" in methods and view not in pages.READABLE:
            written = "POST" in methods or not address.startswith(PAGES)
            if not written and view not in pages.WHY_NOT:
                wrong.append(f"{address}: write in trial/past/pages.py that it is readable as of then, or why not")
            answer = get(trial.study, client, at, as_of=5)
            why = pages.why_not(view, of_trial=address.startswith(PAGES))
            if answer.status_code != 400 or why not in text(answer):
                wrong.append(f"{address}: {answer.status_code}, not {why}")
        if "POST" in methods and client.post(f"{at}?as_of=5").status_code != 400:
            wrong.append(f"POST {address}: taken as of then")

    assert wrong == [], "\n".join(wrong)
    assert head(trial.study) == number


def test_what_a_reader_may_see_is_decided_by_today():
    """A member who left, one who moved to another site, a reading that is still blind, a consent that is withdrawn."""
    trial = walked()
    study, number, code = trial.study, head(trial.study), trial.study.trial.code
    leaves, moves, monitor = browser(study.statistician), browser(study.investigator), browser(study.medical_monitor)
    one, sample = f"/trials/{code}/patients/001/", f"/trials/{code}/biomarker/"
    assert "120 ng/mL" in text(get(study, monitor, sample, as_of=number))
    assert get(study, moves, one, as_of=number).status_code == 200
    write_more(study, trial.rows)
    members = {m.user_id: m for m in Membership.objects.filter(trial=study.trial, until=None)}
    with study.at():
        for person in (study.statistician, study.investigator):
            people.end_membership(
                trial=study.trial.pk, membership=members[person.pk].pk, reason="Moved", by=study.administrator
            )
        people.add_member(
            trial=study.trial.pk, user=study.investigator.pk, role="investigator", site=study.other_site.pk,
            by=study.administrator,
        )  # fmt: skip

    assert get(study, leaves, one, as_of=number).status_code == 404
    assert get(study, moves, one, as_of=number).status_code == 404
    assert BANNER.format(number) in text(get(study, moves, f"/trials/{code}/patients/", as_of=number))
    assert "120 ng/mL" in text(get(study, monitor, sample))  # beside the day of the withdrawal, for whoever voids it
    assert "120 ng/mL" not in text(get(study, monitor, sample, as_of=number))
    assert VERDICT not in text(get(study, monitor, f"/trials/{code}/review/1/", as_of=number))


def test_nothing_is_offered_that_writes():
    trial = walked()
    study, number, offered = trial.study, head(trial.study), {}

    for person, page in (
        (study.medical_monitor, "review/1/"), (study.coordinator, "patients/1/"), (study.investigator, "events/1/")
    ):  # fmt: skip
        client, at = browser(person), f"/trials/{study.trial.code}/{page}"
        for query in ({}, {"as_of": number}):
            shown = get(study, client, at, **query).content.decode().partition("<main")[2]
            writes = [to for to in re.findall(r'(?:href|action)="([^"#?]+)', shown) if _writes(to)]
            offered.setdefault(bool(query), []).append(writes + re.findall(r'<form[^>]* method="post"', shown))

    assert all(offered[False])
    assert not any(offered[True])


def _writes(to):
    return to.startswith("/trials/") and pages.why_not(resolve(to).view_name, of_trial=True) == pages.WRITES


def test_what_was_computed_of_a_later_cut_or_with_a_sample_withdrawn_since_is_not_shown():
    trial = walked()
    study, number = trial.study, head(trial.study)
    patients = {"assays": [{"patients": [{"number": 1}]}]}
    for kind, at, result in (("efficacy", number, {}), ("efficacy", number + 3, {}), ("biomarker", number, patients)):
        EndpointRun.objects.create(
            trial=study.trial, kind=kind, number=at, on=study.today, protocol_version=1, settings={}, result=result,
            settings_name="primary", settings_hash=f"{kind} {at}",
        )  # fmt: skip
    assert biomarker.hidden(study.trial.pk) == set()
    write_more(study, trial.rows)

    with ledger.as_of(study.trial.pk, number, without=biomarker.hidden(study.trial.pk)):
        assert endpoints.latest(study.trial.pk, "efficacy").number == number
        assert endpoints.latest(study.trial.pk, "biomarker") is None
    assert endpoints.latest(study.trial.pk, "efficacy").number == number + 3


def test_two_tabs_one_of_then_and_one_of_today_do_not_mix():
    """Both by one person; the page is kept in this process, and the past has no part in that."""
    study = factories.study().open()
    patient = study.dose()
    number, client = head(study), browser(study.dsmb)
    at = f"/trials/{study.trial.code}/"
    study.complete(patient)
    now, then = "1 of 3 evaluable, 0 DLT", "0 of 3 evaluable, 0 DLT, 1 pending"

    assert 'name="as_of"' in get(study, client, at).content.decode()
    for _ in range(2):
        assert now in text(get(study, client, at))
        assert then in text(get(study, client, at, as_of=number))
        assert now not in text(get(study, client, at, as_of=number))
    past = get(study, client, at, as_of=number)
    assert "no-store" in past.headers["Cache-Control"]
    assert "ETag" not in past.headers
    assert 'id="pulse"' not in past.content.decode()
    assert f"{at}decisions/new/" not in past.content.decode()


def test_a_moment_is_a_number_or_a_day():
    study = factories.study().open()  # on 5 Jan 2026
    first, client, at = head(study), browser(study.dsmb), f"/trials/{study.trial.code}/"
    study.later(9).dose()  # on 14 Jan 2026
    last = head(study)
    study.later(6)

    for said, shown in (
        ("1", 1), (str(last), last), ("5 Jan 2026", first), ("2026-01-13", first), ("14 jan 2026", last),
        ("2026-01-20", last),
    ):  # fmt: skip
        answer = get(study, client, at, as_of=said)
        assert (answer.status_code, BANNER.format(shown) in text(answer)) == (200, True), said
    for said, rule in (
        ("", asked.RULE), ("x", asked.RULE), ("-1", asked.RULE), ("2026-02-30", asked.RULE), ("01/05/2026", asked.RULE),
        ("1e3", asked.RULE), ("99999999999", asked.RULE), ("0", "the record begins with no. 1"),
        (str(last + 1), f"no. {last + 1} is beyond the last action, no. {last}"),
        ("21 Jan 2026", "21 Jan 2026 is after today, 20 Jan 2026"),
        ("4 Jan 2026", "4 Jan 2026 is before the trial's first action"),
        (["1", "2"], asked.RULE),
    ):  # fmt: skip
        answer = get(study, client, at, as_of=said)
        assert (answer.status_code, rule in text(answer)) == (400, True), said
    two = get(study, client, f"{at}safety/", as_of=1, cut=1)
    assert (two.status_code, pages.TWO_MOMENTS in text(two)) == (400, True)
    assert get(study, browser(factories.person("stranger")), at, as_of="x").status_code == 404


def test_a_day_ends_where_the_trial_is():
    """Of a trial with real patients: by the time at which an action was taken, which its page says, too."""
    by, monitor = factories.person("administrator", Role.ADMINISTRATOR), factories.person("monitor")
    with time_machine.travel("2026-03-14T22:30:00Z", tick=False):
        trial = services.create_trial(code="real", title="Real", simulated=False, time_zone="Europe/Vienna", by=by)
    with time_machine.travel("2026-03-14T23:30:00Z", tick=False):  # the 15th in Vienna
        people.add_member(trial=trial.pk, user=monitor.pk, role=Role.MEDICAL_MONITOR, by=by)

    days = {day: history.last_number_of(trial, date(2026, 3, day)) for day in (13, 14, 15)}
    answer = browser(monitor).get("/trials/real/", {"as_of": "15 Mar 2026"})

    assert days == {13: None, 14: 1, 15: 2}
    assert re.search(r"as it was at no\. 2, 15 Mar 2026, <time [^>]*>23:30 UTC", text(answer))
