"""The Response pages: who reads which patients, what a list and a patient's page say, and where every word leads."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.response import entry, services
from assessments.response.follow_up import record_follow_up
from patients.follow_up.services import Followed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Patient 001: serum 3.0 at the first dose; 2.0 (a fall of 33 %, MR), 1.5 (50 %, PR), 1.4 g/dL four weeks apart."""
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="3.0", urine_m="100")
    made.visits = [made.later(28).assess(made.patient, serum_m=v, urine_m="90") for v in ("2.0", "1.5", "1.4")]
    return made


def get(study, path="response/", who="statistician", **query):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}", query)


def patient(study, **more):
    return get(study, f"response/patients/{study.patient.code}/", **more)


def words(page):
    """The text of a page without its tags, for sentences that markup divides."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("investigator", 200),
        ("coordinator", 200),
        ("statistician", 200),
        ("dsmb", 200),
        ("auditor", 200),
        ("monitor", 403),  # of all sites, and without the right to read efficacy
        ("other_investigator", 404),
        ("other_coordinator", 404),
        ("administrator", 403),
    ],
)
def test_a_patients_response_is_read_within_ones_sites(study, who, status):
    assert patient(study, who=who).status_code == status
    listed = get(study, who=who)
    assert listed.status_code == (403 if status == 403 else 200)
    assert (f"/response/patients/{study.patient.code}/" in listed.text) == (status == 200)


def test_who_may_not_read_responses_finds_none_on_the_patients_page(study):
    shown = {who: words(get(study, f"patients/{study.patient.code}/", who)) for who in ("auditor", "monitor")}

    assert "Last assessment" in shown["auditor"]
    assert "PR" in shown["auditor"]
    assert "Last assessment" not in shown["monitor"]
    assert "PR" not in shown["monitor"]
    assert "First dose" in shown["monitor"]


def test_the_list_says_each_patients_state_with_its_denominator(study):
    study.enrol()
    said = words(get(study))

    assert "Response, 1 treated patient" in said
    assert "1 of 1 treated assessed after the first dose; 1 enrolled and not treated yet" in said
    assert "Serum M-protein 3 g/dL" in said  # urine 100 mg/24 h is not measurable
    assert "PR 2 Mar 2026" in said  # confirmed by the third visit: 5 Jan + 56 days
    assert "30 Mar 2026" in said
    assert "3 waiting for the investigator" in said


def test_the_cut_and_the_settings_are_named(study):
    said = words(get(study))

    assert "Derived from the record as it stands: 30 Mar 2026, record no." in said
    assert "protocol version 1" in said
    assert "Progression by laboratory values needs a second value." in said


def test_a_difference_is_shown_until_a_reason_is_given(study):
    study.judge(study.visits[1], "VGPR")
    page = get(study)
    assert "1 of 1 differs without a reason" in words(page)
    assert "1 difference to resolve" in words(page)
    assert "differs, no reason yet" in words(patient(study))

    with study.at():
        services.resolve_difference(
            trial=study.trial.pk,
            assessment=study.visits[1].pk,
            category="VGPR",
            derived="PR",
            reason="Read by immunofixation elsewhere.",
            by=study.investigator,
        )

    assert "1 of 1 differs, resolved" in words(get(study))
    assert "Differs, resolved by Investigator, 30 Mar 2026: Read by immunofixation elsewhere." in words(patient(study))


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"level": "1"}, 2),
        ({"difference": "open"}, 1),
        ({"difference": "waiting"}, 1),
        ({"difference": "resolved"}, 0),
        ({"level": "1", "difference": "agree"}, 0),
    ],
)
def test_the_list_is_filtered_by_level_and_difference(study, asked, fits):
    study.dose()  # another patient, without any assessment
    study.judge(study.visits[1], "VGPR")

    assert f"{fits} of 2 treated patients" in words(get(study, **asked))


def test_a_filter_that_does_not_exist_is_refused(study):
    assert get(study, level="9").status_code == 422


def test_the_list_is_sorted_by_what_is_asked(study):
    study.dose()  # 002, NE

    def order(sort):
        listed = get(study, sort=sort).text.split("</table>")[0]
        return re.findall(r'scope="row" data-label="Patient"><a [^>]*>(\d+)', listed)

    assert order("number") == ["001", "002"]
    assert order("-best") == ["002", "001"]
    assert order("-last") == ["001", "002"]
    assert order("nonsense") == ["001", "002"]


def test_each_assessment_says_category_parameter_reason_and_confirmation(study):
    said = words(patient(study))

    assert "MR by Serum M-protein Serum M-protein 2 g/dL: a fall of 33.3 % from 3." in said
    assert "PR by Serum M-protein Serum M-protein 1.5 g/dL: a fall of 50.0 % from 3." in said
    assert "PR is confirmed by PR on 30 Mar 2026." in said
    assert "−33.3 %" in said
    assert "not assessed yet" in said


def test_the_nadir_is_the_higher_of_the_lowest_pair_and_says_where_progression_begins(study):
    said = words(patient(study))

    # before the last visit 2.0 and 1.5 were measured: the pair's higher is 2.0; 25 % more is 2.5, as is 0.5 more
    assert "2 g/dL PD from 2.5 g/dL" in said


def test_missing_not_done_and_below_the_limit_are_told_apart_and_units_stay(study):
    study.later(28).assess(study.patient, serum_m="<0.2", urine_m="not done")
    study.later(28).assess(study.patient, serum_m="1.0")
    table = patient(study).text.split('id="values-head"')[1].split("</table>")[0]
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in table.split("<tr>")]

    assert "&lt;0.2 g/dL" in rows[-2]
    assert "not done" in rows[-2]
    assert "missing" in rows[-1]


def test_another_unit_is_shown_as_entered_beside_the_rules(study):
    study.later(28)
    with study.at():
        services.record_assessment(
            trial=study.trial.pk,
            patient=study.patient.pk,
            visit_on=study.today,
            answers=[
                entry.Answer(parameter="serum_m", sampled_on=study.today, entered=factories.Decimal(14), unit="g/L")
            ],
            by=study.coordinator,
        )

    assert re.search(r"14 g/L = 1\.4 g/dL", words(patient(study)))


def test_each_time_has_its_reason_and_leads_to_the_record_it_stands_on(study):
    page = patient(study)
    said = words(page)

    # first dose 5 Jan, last adequate assessment 30 Mar: 84 days; first confirmed response, the MR, after 28
    assert "PFS Progression-free survival 84 censored" in said
    assert "TTR Time to first response 28 event" in said
    assert "DOR Duration of response 56 censored" in said
    last = study.visits[2]
    assert f'<a href="#da-{last.number}">{last.code}</a>' in page.text
    assert f'<tr id="da-{last.number}">' in page.text


def test_death_ends_the_times_that_count_it(study):
    with study.at():
        record_follow_up(
            trial=study.trial.pk,
            patient=study.patient.pk,
            said=Followed(died_on=study.today, death_cause="other"),
            by=study.coordinator,
        )
    page = patient(study)

    assert "OS Overall survival 84 event" in words(page)
    assert '<a href="#follow-up">Follow-up: death</a>' in page.text
    assert "another cause" in words(page)


def test_before_the_first_dose_nothing_is_derived(study):
    study.patient = study.enrol()
    study.assess(study.patient, serum_m="3.0")
    said = words(patient(study))

    assert "no first dose yet: nothing is derived" in said
    assert "Before the first dose: nothing is derived." in said
    assert "Fixed at the first dose." in said


def test_a_patient_without_measurable_disease_is_shown_as_such(study):
    study.patient = study.dose()
    study.assess(study.patient, serum_m="0.4")
    study.later(28).assess(study.patient, serum_m="0.4")

    assert "Nothing was measurable at baseline." in words(patient(study))
    assert "nothing" in words(get(study))


def test_an_unknown_patient_is_not_there(study):
    assert get(study, "response/patients/99/").status_code == 404


def test_history_is_on_the_page(study):
    study.judge(study.visits[1], "PR")
    said = words(patient(study))

    assert "Disease assessment entered" in said
    assert "Response assessed by the investigator" in said


def test_the_patients_page_and_the_rail_lead_here(study):
    assert f'href="/trials/{study.trial.code}/response/"' in get(study, "").text
    path = f"/trials/{study.trial.code}/response/patients/001/"
    assert path in get(study, "patients/001/").text


def test_the_number_of_queries_does_not_grow_with_the_patients(study):
    def asked(path):
        client = Client()
        client.force_login(study.statistician)
        with study.at(), CaptureQueriesContext(connection) as queries:
            assert client.get(f"/trials/{study.trial.code}/{path}").status_code == 200
        return len(queries)

    paths = ("response/", "response/patients/001/")
    few = [[asked(path) for path in paths] for _ in range(2)][1]  # the first one fills caches
    for _ in range(2):
        other = study.dose()
        study.assess(other, serum_m="2.0")
        study.later(28)
        study.judge(study.assess(other, serum_m="1.0", urine_m="50"), "PR")
    study.judge(study.visits[0], "MR")
    [asked(path) for path in paths]

    assert [asked(path) for path in paths] == few


def test_the_figure_draws_each_value_with_its_limits_and_a_table_says_the_same(study):
    page = patient(study)

    assert page.text.count('class="mark"') == 4  # baseline and three visits
    assert f'data-href="#da-{study.visits[0].number}"' in page.text
    said = words(page)
    # 3.0: a tenth, a half, three quarters
    assert "VGPR up to 0.3 g/dL; PR up to 1.5 g/dL; MR up to 2.25 g/dL" in said
    assert "2 Feb 2026 29 2 g/dL MR 3.75 g/dL" in said
    assert "Read Serum M-protein as a table" in said


def test_light_chain_disease_is_drawn_by_its_difference(study):
    study.patient = study.dose()
    study.assess(study.patient, serum_m="0", kappa="620", lambda_="20")
    study.later(28).assess(study.patient, kappa="320", lambda_="20")
    said = words(patient(study))

    assert "Read dFLC as a table" in said
    assert "PR up to 300 mg/L" in said
    assert "300 mg/L PR" in said


def test_no_figure_without_anything_measurable(study):
    study.patient = study.dose()
    study.assess(study.patient, serum_m="0.4")

    assert "course-head" not in patient(study).text


def test_after_progression_the_list_says_since_when(study):
    for value in ("2.5", "2.6", "2.7"):  # from the nadir 1.5: 25 % and 0.5 are reached at 2.0; the second PD confirms
        study.later(28).assess(study.patient, serum_m=value, urine_m="90")

    assert "PD since 27 Apr 2026" in words(get(study))
