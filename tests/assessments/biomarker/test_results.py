"""The results on the biomarker page: who reads them, what they name, what is said where nothing is estimable."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.biomarker.analysis import summary
from assessments.biomarker.subjects import Found
from assessments.endpoints import settings_sets
from assessments.endpoints.models import EndpointRun, RunRequest
from tests import factories, rest
from tests.assessments.biomarker.test_analysis import LANDMARK, assay, patient
from trial.record import ledger

pytestmark = pytest.mark.django_db

PATIENTS = [
    patient(1, (30, -1), (10, 84), best="PR", days=300),
    patient(2, (40, -1), (45, 84), best="SD", days=200, event=1),
    patient(3, (90, -1), (140, 84), best="PD", days=120, event=1),
    patient(4, (400, -1), best="MR", days=150),
    patient(5, (None, -1), best="CR", days=400),
]


@pytest.fixture
def study():
    return factories.study().open()


def stored(study, *assays, name="primary"):
    settings = settings_sets.sets(study.situation().protocol.settings)[name]
    found = assays or [assay(PATIENTS, [10, 20, 35, None], diagnostic=[82.59], prognostic=[300])]
    return EndpointRun.objects.create(
        trial=study.trial,
        kind="biomarker",
        number=ledger.number_of(study.trial.pk),
        on=study.today,
        cut_hash="a" * 64,
        protocol_version=1,
        settings_name=name,
        settings=settings_sets.stored(settings),
        settings_hash=name,
        result=summary(Found(found, consented=6, withdrawn=1), LANDMARK, settings.denominator),
    )


def get(study, path="biomarker/", who="statistician", **query):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}", query)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("statistician", True),
        ("dsmb", True),
        ("medical_monitor", True),
        ("auditor", True),
        ("investigator", False),
        ("coordinator", False),
        ("monitor", False),
    ],
)
def test_results_over_all_cohorts_are_read_by_role(study, who, reads):
    stored(study)
    page = get(study, who=who)

    assert page.status_code == 200
    assert ("AUC" in page.text, "/biomarker/pulse/" in page.text) == (reads, reads)
    for path in ("biomarker/patients/", "biomarker/pulse/"):
        assert get(study, path, who).status_code == (200 if reads else 403), path


def test_the_page_names_cut_settings_and_denominators(study):
    run = stored(study)
    page = words(get(study))

    assert f"cut-off 5 Jan 2026, record no. {run.number} · primary settings, protocol version 1" in page
    assert "nothing has changed since" in page
    assert "5 of 5 measured" in page
    assert "5 patients at baseline, 4 external controls" in page
    assert "AUC 0.775 (" in page  # of 20 pairs 30 wins 3, 40, 90 and 400 win 4 each, both below the limit tie: 15.5
    assert "exploratory: fewer than 40 patients" in page
    assert "denominator all treated with a baseline value, n = 5" in page
    assert "82.59 ng/mL" in page


def test_every_division_is_named_with_its_tests_and_may_be_shown(study):
    stored(study)
    page = words(get(study))

    assert "median (40 ng/mL) shown below" in page
    assert "log-rank p = " in page
    assert "cut-off 300 ng/mL" in page and "A paper" in page
    assert get(study, split="quintile").status_code == 404  # no curves of another division under its name
    other = words(get(study, split="tertile"))
    assert re.search(r"tertiles \([\d.]+ and [\d.]+ ng/mL\) shown below", other)
    assert "median (40 ng/mL) shown below" not in other


def test_every_number_leads_to_its_patients(study):
    stored(study)
    urls = {
        url.replace("&amp;", "&")
        for split in ("median", "tertile", "cutoff-300")
        for url in re.findall(r'href="(/trials/[^"]*/biomarker/patients/\?[^"]*)"', get(study, split=split).text)
    }
    client = Client()
    client.force_login(study.statistician)

    assert len(urls) > 40
    with study.at():
        for url in urls:
            assert client.get(url).status_code == 200, url


def test_a_number_and_the_list_behind_it_agree(study):
    stored(study)
    with study.at():
        for url, number in re.findall(r'href="(/trials/[^"]*/biomarker/patients/[^"]*)">(\d+)</a>', get(study).text):
            client = Client()
            client.force_login(study.statistician)
            assert f"{number} of 5 patients" in client.get(url.replace("&amp;", "&")).text, url
        for url, x in re.findall(r'href="(/trials/[^"]*/biomarker/patients/[^"]*)">(\d+)/\d+ ·', get(study).text):
            assert f"{x} of 5 patients" in client.get(url.replace("&amp;", "&")).text, url


def test_the_patients_stand_with_groups_values_and_reasons(study):
    stored(study)
    found = words(get(study, "biomarker/patients/", assay="0", group="change:rise"))

    assert "1 of 5 patients" in found
    assert "003 90 ng/mL, day -1" in found
    assert "change: rise ≥ 25 %" in found
    assert "120 days, event as told" in found
    assert get(study, "biomarker/patients/", assay="0", group="median:huge").status_code == 422


def test_without_controls_and_without_values_it_is_said_in_words(study):
    stored(study, assay([patient(1, 30), patient(2, 40)]))
    page = words(get(study))
    assert "AUC not estimable Not estimable: no controls." in page
    assert "Hazard ratio not estimable. No event: nothing can be estimated." in page
    assert "No diagnostic cut-off is in the record." in page

    study.slot()  # the record moves on
    stored(study, assay())
    page = words(get(study))
    assert "Not estimable: no cases." in page
    assert "Not estimable: fewer than 2 treated patients with a baseline value." in page
    assert "Not estimable: nobody has a value." in page


def test_before_the_first_run_the_page_says_what_comes(study):
    page = words(get(study))

    assert "A run is asked for by itself once an assay is defined and a patient has been treated." in page


def test_requested_and_running_are_said(study):
    stored(study)
    now = timezone.now()
    request = RunRequest.objects.create(trial=study.trial, kind="biomarker", number=1, why="hand", next_try_at=now)
    assert "requested" in words(get(study))

    request.started_at = now
    request.save()
    assert "running since" in words(get(study))
    request.done_at = now
    request.save()
    assert ">done<" in get(study).text


def test_a_run_is_asked_for_on_the_page(study):
    client = Client()
    client.force_login(study.statistician)
    with study.at():
        for _ in range(2):
            answer = client.post(f"/trials/{study.trial.code}/biomarker/run/")
            assert answer.url == f"/trials/{study.trial.code}/biomarker/"
        client.force_login(study.coordinator)
        assert client.post(f"/trials/{study.trial.code}/biomarker/run/").status_code == 403

    assert list(RunRequest.objects.values_list("kind", "why")) == [("biomarker", "hand")]


def test_the_page_polls_and_hears_of_a_new_run(study):
    stored(study)
    seen = re.search(r'/biomarker/pulse/\?seen=([^"]+)"', get(study).text).group(1)
    assert get(study, "biomarker/pulse/", seen=seen).status_code == 204

    stored(study, name="s1")
    assert get(study, "biomarker/pulse/", seen=seen).headers["HX-Trigger"] == "changed"
    assert "S1 (treatment policy) settings" in words(get(study, settings="s1"))


def test_the_number_of_queries_does_not_grow_with_the_result(study):
    client = Client()
    client.force_login(study.statistician)

    def asked(*assays):
        with transaction.atomic():
            stored(study, *assays)
            with study.at(), CaptureQueriesContext(connection) as queries:
                assert client.get(f"/trials/{study.trial.code}/biomarker/").status_code == 200
            transaction.set_rollback(True)
        return len(queries)

    few = [asked() for _ in range(2)][1]  # the first one fills caches
    assert asked(*[assay(PATIENTS * 3, [10, 20])] * 2) == few


def test_rest_gives_the_runs_of_the_kind(study):
    run = stored(study)
    listed = rest.ask(study.statistician, "runs/?kind=biomarker", study).json()["results"]
    assert [(row["id"], row["kind"]) for row in listed] == [(str(run.pk), "biomarker")]
    assert rest.ask(study.statistician, "runs/?kind=efficacy", study).json()["results"] == []

    one = rest.ask(study.statistician, f"runs/{run.pk}/", study).json()
    assert one["result"]["assays"][0]["diagnostic"]["controls"] == 4
