"""REST, the ground: who gets in, with which token, and what the schema promises."""

import hashlib
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from tests import factories, rest
from trial.models import ApiToken
from trial.people import services, tokens

pytestmark = pytest.mark.django_db

TRIALS = "/api/v1/trials/"
OF_A_TRIAL = ["status", "protocol", "patients/", "slots/", "events/", "decisions/", "audit/", "audit/1/"]


def bearer(secret: str, path: str = TRIALS):
    return Client().get(path, headers={"Authorization": f"Bearer {secret}"})


def test_a_token_opens_the_trials_of_its_person():
    study = factories.study()
    factories.study()

    answer = rest.ask(study.coordinator, TRIALS)

    assert answer.status_code == 200
    assert [trial["id"] for trial in answer.json()["results"]] == [str(study.trial.pk)]


def test_without_a_token_the_answer_is_401_in_json_and_no_redirect():
    for path in [TRIALS, "/api/v1/schema", *(f"/api/v1/trials/{uuid.uuid4()}/{p}" for p in OF_A_TRIAL)]:
        answer = Client().get(path)

        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "credentials" in str(answer.content)


def test_a_forged_token_opens_nothing():
    study = factories.study()
    good = rest.secret(study.coordinator)
    forged = [
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        good.replace("esc_", "esc_0"),
        good.rpartition("_")[0] + "_",
        "esc_",
        "nonsense",
        "",
        "esc_\x00_x",
    ]

    assert bearer(good).status_code == 200
    for secret in forged:
        assert bearer(secret).status_code == 401, secret


def test_an_expired_token_opens_nothing():
    study = factories.study()

    assert bearer(rest.secret(study.coordinator, days=-1)).status_code == 401


def test_a_revoked_token_opens_nothing():
    study = factories.study()
    token, secret = tokens.create(user=study.coordinator, name="lost")
    tokens.revoke(token)

    assert bearer(secret).status_code == 401


def test_the_token_of_a_closed_account_opens_nothing():
    study = factories.study()
    secret = rest.secret(study.coordinator)
    services.close_account(user=study.coordinator.pk, reason="Left.", by=study.administrator)

    assert bearer(secret).status_code == 401


def test_the_last_use_of_a_token_is_noted_at_most_once_a_minute():
    study = factories.study()
    token, secret = tokens.create(user=study.coordinator, name="poller")

    bearer(secret)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    bearer(secret)
    token.refresh_from_db()
    assert token.last_used_at == first

    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now() - timedelta(minutes=2))
    bearer(secret)
    token.refresh_from_db()
    assert token.last_used_at > first


def test_another_trial_does_not_exist():
    study, other = factories.study(), factories.study()

    for path in OF_A_TRIAL:
        assert rest.ask(other.auditor, path, study).status_code == 404, path
        assert rest.ask(study.auditor, f"/api/v1/trials/{uuid.uuid4()}/{path}").status_code == 404, path


def test_an_administrator_reads_no_trial():
    study = factories.study()

    for path in OF_A_TRIAL:
        answer = rest.ask(study.administrator, path, study)

        assert answer.status_code == 403, path
        assert "As Administrator you may not" in answer.json()["detail"]


def test_the_audit_trail_is_for_monitors_and_auditors():
    study = factories.study()

    for person in (study.auditor, study.monitor):
        assert rest.ask(person, "audit/", study).status_code == 200
    for person in (study.coordinator, study.investigator, study.medical_monitor, study.dsmb, study.statistician):
        assert rest.ask(person, "audit/", study).status_code == 403
        assert rest.ask(person, "audit/1/", study).status_code == 403


def test_each_action_can_be_verified_by_its_hash():
    study = factories.study().open()

    listed = rest.ask(study.auditor, "audit/?limit=2", study).json()["results"]
    one = rest.ask(study.auditor, f"audit/{listed[0]['number']}/", study).json()

    assert hashlib.sha256(one["body"].encode()).hexdigest() == one["hash"] == listed[0]["hash"]
    assert one["prev"] == listed[1]["hash"]
    assert "body" not in listed[0]


def test_the_protocol_of_each_version():
    study = factories.study(levels=2)

    answer = rest.ask(study.statistician, "protocol", study).json()

    assert answer["version"]["number"] == 1
    assert [level["label"] for level in answer["levels"]] == ["1", "2"]
    assert answer["levels"][1]["doses"][0] == {
        "drug": "selinexor", "amount": "20.0000", "unit": "mg", "schedule": "weekly", "per_cycle": 4,
        "days": None, "times": None,
    }  # fmt: skip
    assert answer["settings"]["variant"] == "D6"
    assert rest.ask(study.statistician, "protocol?version=1", study).status_code == 200
    assert rest.ask(study.statistician, "protocol?version=2", study).status_code == 404
    assert rest.ask(study.statistician, "protocol?version=x", study).status_code == 400


def test_a_session_needs_the_csrf_token_for_a_write():
    study = factories.study().open()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(study.coordinator)

    with study.at():
        assert browser.get(rest.where("status", study)).status_code == 200
        answer = browser.post(
            rest.where("slots/", study),
            {},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


def test_a_read_token_cannot_write():
    study = factories.study().open()
    secret = rest.secret(study.coordinator, "read")

    answer = Client().post(
        rest.where("slots/", study), {}, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 403
    assert answer.json()["detail"] == "This token may only read."


def test_the_schema_is_valid_and_warns_of_nothing(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_every_operation_is_documented():
    study = factories.study()
    schema = rest.ask(study.statistician, "/api/v1/schema?format=json").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]

    paths = {f"/{pattern}" for pattern in _patterns()} - {"/api/v1/schema", "/api/v1/docs"}
    assert len(schema["paths"]) == len(paths)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert {"token": []} in operation["security"]
        assert {} not in operation["security"]
        assert "401" in operation["responses"]


def _patterns(resolver=None, before=""):
    resolver = resolver or next(r for r in get_resolver().url_patterns if str(r.pattern) == "api/v1/")
    for part in resolver.url_patterns:
        if hasattr(part, "url_patterns"):
            yield from _patterns(part, f"{before}{resolver.pattern}")
        else:
            yield f"{before}{resolver.pattern}{part.pattern}"


def test_the_reading_room_is_for_signed_in_people():
    study = factories.study()
    browser = Client()

    assert browser.get("/api/v1/docs").status_code == 302
    browser.force_login(study.statistician)
    page = browser.get("/api/v1/docs")
    script = browser.get("/api/v1/docs?script=")

    assert page.status_code == script.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    text = page.content.decode()
    assert "<style" not in text
    assert "style=" not in text
    assert all(" src=" in tag for tag in text.split("<script")[1:])
    assert "SwaggerUIBundle" in script.content.decode()
