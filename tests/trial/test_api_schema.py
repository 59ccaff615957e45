"""Every reading endpoint, asked whatever the schema allows, answers what the schema says."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from assessments.endpoints.models import EndpointRun
from escalation.meetings import services as meetings
from tests import factories, rest
from tests.access.study import built_paper

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NO_CUT = {  # the past is read in a transaction of its own
    "/api/v1/trials/{trial}/meetings/{meeting}/cuts/{number}/",
    "/api/v1/trials/{trial}/meetings/compare/",
    "/api/v1/trials/{trial}/datasets/{name}/",
}
FEW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def one_connection():
    """A request inside the test must not close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.long
@pytest.mark.usefixtures("one_connection")
def test_the_reading_endpoints_keep_to_the_schema():
    study = factories.study().open()
    patient = study.dose()
    event = study.event(patient, serious=True, serious_criteria=["important"], aware_on=study.today, aware_at=study.now)
    study.assess(patient, serum_m="3.0")
    study.later(28)
    study.judge(study.assess(patient, serum_m="1.5"), "MR")
    run = EndpointRun.objects.create(
        trial=study.trial, kind="efficacy", number=1, on=study.today, protocol_version=1, settings={}, result={}
    )
    rows = {"patient": patient, "event": event, "decision": study.situation().in_force[0], "trial": study.trial}
    rows |= {"run": run, "paper": built_paper(study)}
    with study.at():
        rows["meeting"] = meetings.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
    known = {name: str(row.pk) for name, row in rows.items()} | {"number": 1}
    sent = {"Authorization": f"Bearer {rest.secret(study.auditor)}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application(), headers=sent)
    asked = set()

    for operation in (found.ok() for found in schema.get_all_operations()):
        if operation.method.upper() != "GET":
            continue
        wanted = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}

        # no random text is a rate for each level
        more = {"query": {"rates": "0.1,0.2,0.3"}} if operation.path.endswith("/design") else {}

        @FEW
        @given(operation.as_strategy(path_parameters=wanted, **more))
        def answer(case):
            with study.at():
                said = case.call_and_validate(headers=sent, checks=CHECKS)
            asked.add((case.operation.path, said.status_code))

        answer()

    answered = {path for path, status in asked if status == 200}
    assert {path for path, _ in asked} - answered == NO_CUT
