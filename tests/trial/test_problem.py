"""REST: refusals are application/problem+json, unknown parameters are refused by name, lists are filtered as pages."""

import uuid

import pytest
from django.test import Client

from tests import factories, rest
from tests.trial.test_api_schema import one_connection
from trial.problem import PROBLEM, wrong

pytestmark = pytest.mark.django_db

assert one_connection  # a fixture


@pytest.fixture
def study():
    study = factories.study().open()
    first = study.dose()
    study.event(first, term="Nausea", grade=2, serious=True)
    study.event(study.dose(), term="Fatigue", grade=1)
    return study


def problem(answer):
    assert answer["Content-Type"] == PROBLEM
    said = answer.json()
    assert (said["type"], said["status"]) == ("about:blank", answer.status_code)
    return said


def test_every_kind_of_refusal_is_a_problem(study):
    nobody = problem(Client().get(rest.where("status", study)))
    stranger = problem(rest.ask(factories.person("stranger"), "status", study))
    forbidden = problem(rest.ask(study.coordinator, "audit/", study))
    none = problem(rest.ask(study.coordinator, "/api/v1/nonsense"))
    malformed = problem(rest.ask(study.coordinator, f"/api/v1/trials/{study.trial.code}/status"))

    assert [said["title"] for said in (nobody, stranger, forbidden, none, malformed)] == [
        "Unauthorized", "Not Found", "Forbidden", "Not Found", "Not Found",
    ]  # fmt: skip
    assert "you may not" in forbidden["detail"]


def test_what_is_wrong_is_named_by_its_input(study):
    said = problem(rest.send(study.investigator, "events/", study, {"grade": 9}))

    assert said["field"] in said["errors"]
    assert said["errors"]["patient"] == ["This field is required."]
    assert said["detail"] == f"{said['field']}: {said['errors'][said['field']][0]}"


def test_a_refusal_of_the_trial_names_the_field(study):
    patient = str(study.situation().facts[0].patient.pk)
    body = {"patient": patient, "term": "Nonsense", "grade": 1, "onset_on": "2026-01-05"}

    said = problem(rest.send(study.investigator, "events/", study, body))

    assert (said["status"], said["field"]) == (409, "term")


def test_a_parameter_that_is_not_known_is_refused_with_those_that_are(study):
    said = problem(rest.ask(study.coordinator, "status?as_of=100", study))
    assert said["errors"] == {"as_of": ["No such parameter: this address takes none."]}

    said = problem(rest.ask(study.coordinator, "patients/?level=", study))
    assert said["errors"] == {"level": ["Give a value, or leave the parameter out."]}

    said = problem(rest.ask(study.coordinator, "patients/?site=01", study))
    assert said["detail"] == "site: No such parameter: this address takes level, count, group, limit, offset."


@pytest.mark.usefixtures("one_connection")
def test_what_an_address_takes_is_what_the_schema_says():
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(public=True)
    generator = SchemaGenerator()
    generator.parse(None, True)
    for path, _, method, view in generator._get_paths_and_endpoints():
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is None or method != "GET":
            continue
        said = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"} - {"limit", "offset"}
        assert said == set(view.queries), path


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("patient=1", ["Nausea"]),
        ("grade=2", ["Nausea"]),
        ("level=1", ["Nausea", "Fatigue"]),
        ("serious=yes", ["Nausea"]),
        ("serious=no", ["Fatigue"]),
        ("state=suspected", []),
        ("", ["Nausea", "Fatigue"]),
    ],
)
def test_events_are_filtered_as_on_their_page(study, query, found):
    answer = rest.ask(study.investigator, f"events/?{query}", study)

    assert [event["term"] for event in answer.json()["results"]] == found


def test_a_value_that_no_row_can_have_is_refused(study):
    assert "grade" in problem(rest.ask(study.investigator, "events/?grade=7", study))["errors"]
    assert "level" in problem(rest.ask(study.investigator, "patients/?level=9", study))["errors"]
    assert len(rest.ask(study.investigator, "patients/?level=1&count=pending", study).json()["results"]) == 2


def test_a_reported_event_names_its_drugs_as_events_show_them(study):
    patient = study.situation().facts[0].patient
    shown = rest.ask(study.investigator, "events/", study).json()["results"][0]["relations"]
    body = {"patient": str(patient.pk), "term": "Headache", "grade": 1, "onset_on": "2026-01-05"}
    relations = {relation["drug"]: "unrelated" for relation in shown}

    made = rest.send(study.investigator, "events/", study, body | {"relations": relations})
    unknown = body | {"relations": {str(uuid.uuid4()): "unrelated"}}
    other = problem(rest.send(study.investigator, "events/", study, unknown))

    assert made.status_code == 201
    assert {relation["degree"] for relation in made.json()["relations"]} == {"unrelated"}
    assert other["detail"].endswith("the trial's drugs are selinexor, ruxolitinib, methylprednisolone.")


def test_nested_faults_are_named_by_their_path():
    said = wrong(400, {"answers": [{}, {"value": ["Write a number."]}]})

    assert said["errors"] == {"answers.1.value": ["Write a number."]}
