"""The Efficacy page and its REST: who may read, what it says, and that every number leads to its patients."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.endpoints import settings_sets
from assessments.endpoints.analysis import summary
from assessments.endpoints.models import EndpointRun, RunRequest
from assessments.endpoints.subjects import Time
from tests import factories, rest
from tests.assessments.endpoints.test_efficacy import COHORTS
from trial.record import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    made = factories.study().open()
    made.dose()
    return made


def stored(study, name="primary", result=None):
    """A run of the record as it stands."""
    settings = settings_sets.sets(study.situation().protocol.settings)[name]
    return EndpointRun.objects.create(
        trial=study.trial,
        kind="efficacy",
        number=ledger.number_of(study.trial.pk),
        on=study.today,
        cut_hash="a" * 64,
        protocol_version=1,
        settings_name=name,
        settings=settings_sets.stored(settings),
        settings_hash=name,
        result=result or summary(COHORTS, ["1", "2"], settings.denominator),
    )


def get(study, path="efficacy/", who="statistician", **query):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}", query)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("statistician", 200),
        ("dsmb", 200),
        ("medical_monitor", 200),
        ("auditor", 200),
        ("investigator", 403),
        ("coordinator", 403),
        ("monitor", 403),
        ("administrator", 403),
    ],
)
def test_efficacy_over_all_cohorts_is_read_by_role(study, who, status):
    stored(study)

    for path in ("efficacy/", "efficacy/patients/", "efficacy/pulse/"):
        assert get(study, path, who).status_code == status, path
    assert rest.ask(getattr(study, who), "runs/", study).status_code == status


def test_who_may_not_read_it_has_no_link_to_it(study):
    assert "/efficacy/" not in get(study, "", "investigator").text
    assert "/efficacy/" in get(study, "", "dsmb").text


def test_the_page_names_cut_settings_and_denominators(study):
    run = stored(study)
    page = get(study).text

    assert f"record no. {run.number}" in page
    assert "Cut-off 5 Jan 2026" in page
    assert "primary settings" in page
    assert "denominator all treated" in page
    assert "New anti-myeloma therapy before progression censors" in page
    assert "nothing has changed since" in page
    assert "2/6 · 33.3 % (4.3–77.7)" in page


def test_changes_since_the_cut_are_counted(study):
    stored(study)
    study.event(study.dose())

    assert re.search(r"\d+ changes of the record since", get(study).text)


def test_the_sensitivity_settings_are_shown_beside(study):
    stored(study)
    longer = [replace(one, times={**one.times, "PFS": Time(1, 350, "told otherwise")}) for one in COHORTS]
    stored(study, "s1", summary(longer, ["1", "2"], "all_treated"))
    stored(study, "s2")
    page, other = get(study).text, get(study, settings="s1").text
    for unknown in ({"settings": "S1"}, {"by": "site"}):  # no page of the primary ones, or of all, under another name
        assert get(study, **unknown).status_code == 404

    pfs, ttp, dor = (page.split(f'id="{key}-head"')[1].split("</section>")[0] for key in ("pfs", "ttp", "dor"))
    assert re.findall(
        r"<tr><th scope=\"row\">(\w+ ?[^<]*)</th>.*?<td>([^<]*)</td>", pfs.split("sensitivity analyses")[1]
    )[:3] == [
        ("Primary", "4.9 months (1.0–not reached)"),
        ("S1 (treatment policy)", "11.5 months (not estimable–not reached)"),
        ("S2 (first biochemical progression)", "4.9 months (1.0–not reached)"),
    ]
    assert "S2 (first biochemical progression)" in ttp
    assert "sensitivity analyses" not in dor
    assert "S1 (treatment policy) settings" in other
    assert "New anti-myeloma therapy is ignored (treatment policy)." in other
    assert "These settings are those of TTP and PFS" in other
    assert "These settings are those of TTP and PFS" not in page


def test_every_number_leads_to_its_patients(study):
    stored(study)
    urls = set(re.findall(r'href="(/trials/[^"]*/efficacy/patients/\?[^"]*)"', get(study).text))
    client = Client()
    client.force_login(study.statistician)

    assert len(urls) > 30
    with study.at():
        for url in urls:
            assert client.get(url.replace("&amp;", "&")).status_code == 200, url
    found = get(study, "efficacy/patients/", level="2", rate="orr").text
    assert "2 of 6 patients" in found
    assert "150 days, event" in found
    assert "as told" in found


def test_a_filter_that_does_not_exist_is_refused(study):
    stored(study)

    assert get(study, "efficacy/patients/", level="9").status_code == 422


def test_before_the_first_run_the_page_says_what_comes(study):
    page = get(study).text

    assert "No run yet" in page
    assert "requested" in page


def test_requested_running_failed_and_given_up_are_said(study):
    stored(study)
    request = RunRequest.objects.get(trial=study.trial)
    now = timezone.now()

    request.started_at = now
    request.save()
    assert "running since" in get(study).text

    request.last_error, request.next_try_at = "ZeroDivisionError: no patients", now + timedelta(minutes=5)
    request.save()
    assert "failed; tried again at" in get(study).text

    request.dead_at = now
    request.save()
    assert "given up" in get(study).text

    request.dead_at, request.done_at = None, now
    request.save()
    assert ">done<" in get(study).text


def test_the_page_polls_and_hears_of_a_new_run(study):
    stored(study)
    seen = re.search(r'/efficacy/pulse/\?seen=([^"]+)"', get(study).text).group(1)
    assert get(study, "efficacy/pulse/", seen=seen).status_code == 204

    stored(study, "s1")
    answer = get(study, "efficacy/pulse/", seen=seen)
    assert answer.headers["HX-Trigger"] == "changed"


def test_a_run_is_asked_for_on_the_page_and_twice_is_once(study):
    RunRequest.objects.update(done_at=timezone.now())
    client = Client()
    client.force_login(study.statistician)
    with study.at():
        for _ in range(2):
            assert client.post(f"/trials/{study.trial.code}/efficacy/run/").status_code == 302
        client.force_login(study.auditor)
        assert client.post(f"/trials/{study.trial.code}/efficacy/run/").status_code == 403

    assert RunRequest.objects.filter(why="hand", by=study.statistician, done_at=None).count() == 1


def test_nobody_treated_is_said_in_words(study):
    stored(study, result=summary([], [], "all_treated"))
    page = get(study).text

    assert "0/0 · not estimable" in page
    assert "Not estimable: nobody has responded yet." in page


def test_a_level_that_nobody_has_assessed_has_no_rate(study):
    seen = [replace(one, assessed=one.level == "1" and one.number != 3) for one in COHORTS]
    stored(study, result=summary(seen, ["1", "2"], "all_treated"))
    page = get(study).text

    assert page.count(">3 not yet assessed</a>") == 2  # ORR and CBR of level 2
    assert "if unconfirmed responses counted; 1 not yet assessed" in page  # level 1


def test_curves_by_level_on_request_with_their_limits_in_a_table(study):
    stored(study)
    page, apart = (
        get(study, **asked).text.split('id="pfs-head"')[1].split("</section>")[0] for asked in ({}, {"by": "level"})
    )

    assert "Level 2: median" in apart
    assert "Level 2: median" not in page
    assert [re.findall(r'<th scope="col">(Level \d|All)</th>', text) for text in (page, apart)] == [
        ["All"],
        ["Level 1", "Level 2", "All"],
    ]


def test_the_captions_say_what_is_drawn_and_where_it_ends(study):
    stored(study)
    pfs = get(study).text.split('id="pfs-head"')[1].split("</section>")[0]
    last = max(one.times["PFS"].days for one in COHORTS) / 30.4375

    (end,) = map(int, re.findall(r"The figure ends at (\d+) months, after the last observation", pfs))
    assert end - 3 < last <= end


def test_the_five_times_stand_on_top_with_median_and_interval(study):
    stored(study)
    page = get(study).text
    top = page.split('id="times-head"')[1].split("</section>")[0]

    assert page.index('id="times-head"') < page.index('id="response-head"') < page.index('id="pfs-head"')
    assert re.findall(r'href="#(\w+)-head"', top) == ["pfs", "ttp", "ttr", "dor", "os"]
    assert "<strong>4.9 months (1.0–not reached)</strong>" in top
    assert top.count('class="fig rate-bar"') == 5


def test_on_a_phone_each_number_of_the_response_has_its_name(study):
    stored(study)
    card = get(study).text.split('id="response-head"')[1].split("</section>")[0]
    row = card.split("<tbody>")[1].split("</tr>")[0]

    assert re.findall(r'data-label="([^"]*)"', row) == [
        *("Level", "Treated", "sCR+CR", "VGPR", "PR", "MR", "SD", "PD", "NE", "ORR", "CBR")
    ]


def test_the_number_of_queries_does_not_grow_with_the_result(study):
    client = Client()
    client.force_login(study.statistician)

    def asked(result):
        with transaction.atomic():
            stored(study, result=result)
            with study.at(), CaptureQueriesContext(connection) as queries:
                assert client.get(f"/trials/{study.trial.code}/efficacy/").status_code == 200
            transaction.set_rollback(True)
        return len(queries)

    few = [asked(summary(COHORTS, ["1", "2"], "all_treated")) for _ in range(2)][1]  # the first one fills caches
    assert asked(summary(COHORTS * 5, ["1", "2"], "all_treated")) == few


def test_rest_gives_runs_and_one_with_its_result(study):
    run = stored(study)
    listed = rest.ask(study.statistician, "runs/", study).json()["results"]
    assert [(row["id"], row["settings_name"], "result" in row) for row in listed] == [(str(run.pk), "primary", False)]

    one = rest.ask(study.statistician, f"runs/{run.pk}/", study).json()
    assert one["result"]["response"]["all"]["orr"]["x"] == 2
    other = factories.study()
    assert rest.ask(other.statistician, f"runs/{run.pk}/", other).status_code == 404
