"""What is sent in a query or a body may be anything; it is answered, or refused by the name of the field: never 500."""

import json
import logging
import re
from functools import cache
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories, rest, soak
from tests.access.study import walked
from tests.access.test_access_matrix import PERSONS, opens
from tests.access.walk import TABLE, by_method, path
from tests.hostile import Schema
from tests.test_closed_by_default import asking

pytestmark = pytest.mark.django_db

ADDRESSES = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/{a}"): a for a in TABLE}
EACH_ONCE = hypothesis_settings(
    max_examples=soak.examples(1),
    deadline=None,
    derandomize=soak.TIMES == 1,
    database=None,
    phases=[Phase.generate],  # what is wrong is told by name; to shrink it would ask everything again
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("path", ["audit/", "audit/export/"])
def test_a_day_that_no_record_reaches_is_refused_by_the_filter_of_the_audit_trail(path):
    study = factories.study()

    answer = asking(study, study.auditor)(f"/trials/{study.trial.code}/{path}?until=9999-12-31")

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.parametrize("odd", ["\0", "²", "9" * 5000])
def test_what_an_address_or_a_hidden_field_of_a_page_holds_breaks_none(odd):
    study = factories.study()
    hidden = {"start": odd, "levels": odd, "drugs": odd, "based_on": odd, "do": f"remove_level:{odd}"}
    browser = Client()
    browser.force_login(study.medical_monitor, settings.AUTHENTICATION_BACKENDS[-1])

    with study.at():
        draft = browser.post(f"/trials/{study.trial.code}/protocol/new/", hidden)
        found = browser.get("/", {"q": odd, "page": odd})

    assert (draft.status_code, found.status_code) == (200, 200)


@pytest.mark.parametrize("kind", ["%00", "nonsense"])
def test_a_kind_of_run_that_there_is_not_is_named(kind):
    study = factories.study()

    answer = rest.ask(study.auditor, f"runs/?kind={kind}", study)

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"kind": ["A kind is one of efficacy, biomarker."]}


@pytest.fixture
def trial(db, caplog):
    caplog.set_level(logging.CRITICAL)  # each refusal is a warning
    return walked()


@pytest.fixture
def ask(trial):
    """ask(person, method, url, body): the answer; what was written is undone."""
    client, secrets = Client(raise_request_exception=False), {}

    def asked(person, method, url, body):
        if person not in secrets:
            secrets[person] = rest.secret(getattr(trial.study, person))
        sent = {"Idempotency-Key": str(uuid4()), "Authorization": f"Bearer {secrets[person]}"}
        if method == "GET":  # the past is read in no transaction around it
            return client.get(url, headers=sent)
        with transaction.atomic():
            answer = client.generic(method, url, json.dumps(body), "application/json", headers=sent)
            transaction.set_rollback(True)
        return answer

    return asked


@pytest.mark.long
@EACH_ONCE
@given(data=st.data())
def test_every_parameter_and_field_of_the_schema_takes_anything(trial, ask, data):
    """Beside fields that are right, one that is not: of a wrong shape it is named, else whatever the rules say."""
    schema, wrong = described(), []
    for template, method, operation in schema.operations():
        address = ADDRESSES[template]
        who = by_method(address)[method]
        person = next(p for p in PERSONS if opens(who, p, rest=True)).name
        fine = right(schema.fine(schema.body(operation)), trial) if schema.body(operation) else {}
        for where, name, of in schema.fields(operation):
            shape, value = data.draw(hostile(schema, of, text=where == "query"))
            query = {"rates": "0.1,0.2,0.3"} if template.endswith("/design") else {}
            query |= {name: value} if where == "query" else {}
            body = fine | {name: value} if where == "body" else fine
            with trial.study.at():
                answer = ask(person, method, f"{path(address, trial.rows)}?{urlencode(query)}", body)
            named = answer.status_code == 400 and any(said.split(".")[0] == name for said in answer.json()["errors"])
            if answer.status_code >= 500 or (shape == "wrong" and not named):
                wrong.append(f"{method} {template} {name}={str(value)[:40]!r}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)


@cache
def described():
    return Schema(SchemaGenerator().get_schema(request=None, public=True))


def hostile(schema, of, *, text):
    """Of a wrong shape, or of the right one and odd. text: in an address everything is text."""
    wrong, odd = schema.wrong(of), schema.odd(of)
    if text:
        plain = schema.plain(of).get("type") == "string"  # any text is one
        wrong = [] if plain else [value for value in wrong if isinstance(value, str) or type(value) is int]
        odd += ["\0"] if plain else []
    return st.sampled_from([("wrong", value) for value in wrong] + [("odd", value) for value in odd])


def right(body, trial):
    """The body with rows that are there, so that what is odd gets as far as the rules."""
    known = {
        "slot": 1, "rev": 10_000, "cohort": 1, "term": "Nausea", "specified": "", "again_of": "", "drugs": [],
        "screening": "SCR-9", "version": "9.9", "lowest_value": None, "ended_on": None, "relations": {},
        "onset_on": str(trial.study.today), "patient": str(trial.rows["patient"].pk), "site": str(trial.study.site.pk),
        "received_level": str(trial.study.situation().protocol.levels[0].pk),
    }  # fmt: skip
    today = {name: str(trial.study.today) for name, value in body.items() if value == Schema.DAY}
    return body | today | {name: value for name, value in known.items() if name in body}


NO_BODIES = {
    "nested": "[" * 200_000, "in names": '{"a":' * 200_000, "NaN": '{"screening": NaN}', "NUL": "\0", "null": "null",
    "a list": "[]", "a long number": "9" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("body", NO_BODIES.values(), ids=NO_BODIES.keys())
def test_a_body_that_is_none_is_refused(body):
    study = factories.study().open()
    sent = {"Idempotency-Key": str(uuid4()), "Authorization": f"Bearer {rest.secret(study.coordinator)}"}

    with study.at():
        answer = Client().post(rest.where("slots/", study), body, content_type="application/json", headers=sent)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/trials/nonsense/status", "/api/v1/trials/00000000-0000-0000-0000-000000000000/status", "/api/v1/%00",
        "{trial}/audit/99999999999999999999/", "{trial}/audit/0/", "{trial}/patients/x/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_told_so_in_json(path):
    study = factories.study()

    answer = rest.ask(study.auditor, path.format(trial=f"/api/v1/trials/{study.trial.pk}"), study)

    assert answer.status_code == 404
    assert answer.json()["detail"]
