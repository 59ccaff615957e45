"""The ledger: numbers, the chain, refusals of the database itself, the past, and what tampering leaves behind."""

import hashlib
import json
import threading
import uuid
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from patients.models import Patient, Slot
from tests import factories, rest
from trial import services
from trial.models import AuditEvent, Ledger, Once, ProtocolVersion, RowImage, Site, Trial, User
from trial.people import services as people
from trial.record import ledger
from trial.refusals import KeyReused, Refused
from trial.roles import May, Role

pytestmark = pytest.mark.django_db


def number(study):
    return Ledger.objects.get(trial=study.trial).number


def test_an_action_is_one_number_and_one_sealed_event():
    study = factories.study()
    before = number(study)

    people.add_site(trial=study.trial.pk, code="09", name="Ninth", by=study.administrator)

    event = AuditEvent.objects.get(ledger__trial=study.trial, number=before + 1)
    body = json.loads(event.body)
    assert number(study) == before + 1
    assert (body["verb"], body["by"]) == ("site.add", str(study.administrator.pk))
    assert [image["image"]["name"] for image in body["images"] if image["table"] == "trial_site"] == ["Ninth"]
    assert event.hash == hashlib.sha256(event.body.encode()).hexdigest()
    assert event.prev == AuditEvent.objects.get(ledger__trial=study.trial, number=before).hash


def test_a_row_carries_the_number_of_its_last_change():
    study = factories.study().open()

    slot = study.slot()

    assert Slot.objects.get(pk=slot.pk).rev == number(study)


def test_an_action_that_wrote_nothing_leaves_no_event():
    study = factories.study()
    before = number(study)

    with study.at(), ledger.action(study.trial.pk, by=study.administrator, may=May.MANAGE_PEOPLE, verb="nothing"):
        pass

    assert number(study) == before


def test_a_refused_action_leaves_nothing_half_written():
    study = factories.study()
    before = number(study), RowImage.objects.count()

    with pytest.raises(Refused), study.at():
        people.add_site(trial=study.trial.pk, code="01", name="Again", by=study.administrator)

    assert (number(study), RowImage.objects.count()) == before


@pytest.mark.parametrize("sql", ["UPDATE trial_site SET name = 'x'", "INSERT INTO trial_site SELECT * FROM trial_site"])
def test_sql_outside_an_action_is_refused_by_the_database(sql):
    factories.study()

    with pytest.raises(DatabaseError, match="outside an action"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_rows_are_never_deleted():
    study = factories.study()

    with pytest.raises(DatabaseError), transaction.atomic():
        Site.objects.filter(trial=study.trial).delete()


def test_an_action_cannot_write_another_trials_rows():
    here, there = factories.study(), factories.study()

    with pytest.raises(DatabaseError, match="another trial"), here.at():
        with ledger.action(here.trial.pk, by=here.administrator, may=May.MANAGE_PEOPLE, verb="wrong"):
            Site.objects.filter(trial=there.trial).update(name="x")


def test_what_is_sealed_or_signed_refuses_an_update():
    study = factories.study()

    with pytest.raises(DatabaseError), study.at():
        with ledger.action(study.trial.pk, by=study.administrator, may=May.MANAGE_PEOPLE, verb="wrong"):
            ProtocolVersion.objects.filter(trial=study.trial).update(reason="x")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE trial_auditevent SET number = 0",
        "UPDATE trial_rowimage SET number = 0",
        "UPDATE trial_anchor SET number = 0",
        "UPDATE assessments_endpointrun SET number = 0",
        "INSERT INTO trial_resultseal SELECT * FROM trial_resultseal",
        "CREATE TEMP TABLE x (); CREATE TRIGGER x AFTER INSERT ON x FOR EACH ROW EXECUTE FUNCTION ledger_capture()",
        "CREATE TEMP TABLE x (); CREATE TRIGGER x AFTER INSERT ON x FOR EACH ROW EXECUTE FUNCTION result_seal()",
    ],
)
def test_the_application_cannot_rewrite_the_record(sql):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_new_function_is_the_owners_alone(as_owner):
    as_owner("CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'")

    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT x()")


@pytest.mark.parametrize("function", ["ledger_guard", "ledger_capture"])
def test_what_is_no_audited_table_is_not_captured(as_owner, function):
    with pytest.raises(DatabaseError, match="x is no audited table"), transaction.atomic():
        as_owner(
            "CREATE TABLE x (id uuid, rev int); CREATE TRIGGER x BEFORE INSERT ON x FOR EACH ROW"
            f" EXECUTE FUNCTION {function}('', ''); INSERT INTO x VALUES (gen_random_uuid())"
        )


def test_the_same_request_twice_is_answered_once():
    study, key = factories.study(), uuid.uuid4()
    asked = {"trial": study.trial.pk, "code": "07", "name": "Seventh", "by": study.administrator, "key": key}

    first, again = people.add_site(**asked), people.add_site(**asked)

    assert first == again
    with pytest.raises(KeyReused):
        people.add_site(**asked | {"code": "08"})


def test_the_same_key_in_two_trials_is_two_requests():
    """By page and by REST; a row from before keys were of one trial answers in each, as it did."""
    one, two = (factories.study().open() for _ in range(2))
    seventh = {"code": "07", "name": "Seventh", "time_zone": "UTC", "key": str(uuid.uuid4())}
    coordinator = {"user": one.coordinator.pk, "role": Role.COORDINATOR, "site": two.site.pk, "by": two.administrator}
    people.add_member(trial=two.trial.pk, **coordinator)
    browser, key = Client(), uuid.uuid4()
    browser.force_login(one.administrator, settings.AUTHENTICATION_BACKENDS[-1])

    slots = [rest.send(one.coordinator, "slots/", study, {"screening": "SCR-1"}, key=key) for study in (one, two)]
    sites = [browser.post(f"/trials/{study.trial.code}/sites/add/", seventh) for study in (one, two)]

    assert [answer.status_code for answer in slots] == [201, 201]
    assert Slot.objects.filter(screening__number="SCR-1").count() == 2
    assert [answer.status_code for answer in sites] == [302, 302]
    assert Site.objects.filter(code="07").count() == 2
    Once.objects.filter(key=key, ledger__trial=two.trial.pk).update(ledger=None)
    assert rest.send(one.coordinator, "slots/", two, {"screening": "SCR-2"}, key=key).status_code == 422


def test_a_stranger_and_a_wrong_role_are_denied():
    study, stranger = factories.study(), factories.person("stranger")

    for person in (stranger, study.coordinator):
        with pytest.raises(PermissionDenied), study.at():
            people.add_site(trial=study.trial.pk, code="07", name="x", by=person)


def test_an_unknown_trial_is_unknown():
    with pytest.raises(Trial.DoesNotExist):
        people.add_site(trial=uuid.uuid4(), code="07", name="x", by=None)


@pytest.mark.django_db(transaction=True)
def test_the_past_is_read_by_the_same_queries():
    study = factories.study().open()
    patient = study.enrol()
    then = number(study)
    study.enrol()

    with ledger.as_of(study.trial.pk, then):
        assert list(Patient.objects.filter(trial=study.trial)) == [patient]
        assert number(study) == then  # the record ends there too
        assert max(AuditEvent.objects.values_list("number", flat=True)) == then
        assert max(RowImage.objects.values_list("number", flat=True)) == then
    with ledger.as_of(study.trial.pk, then, without=[patient.pk]):
        assert not Patient.objects.filter(trial=study.trial).exists()
        assert not RowImage.objects.filter(row=patient.pk).exists()
    assert Patient.objects.filter(trial=study.trial).count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_past_cannot_be_written():
    study = factories.study()

    with pytest.raises(DatabaseError, match="read-only"), ledger.as_of(study.trial.pk, 1):
        User.objects.filter(pk=study.dsmb.pk).update(name="Another")
    with pytest.raises(DatabaseError, match="cannot update view"), ledger.as_of(study.trial.pk, 1):
        Ledger.objects.filter(trial=study.trial).update(number=99)


@pytest.mark.django_db(transaction=True)
def test_the_record_as_it_stands_is_what_its_images_show():
    study = factories.study().open()
    patient = study.dose()
    study.event(patient)
    study.assess(patient, serum_m="3.0")
    factories.study().open().dose()  # another trial beside it

    def rows():
        found = {}
        for model in ledger.audited_models():
            if model.LEDGER:
                mine = model.objects.filter(**{model.LEDGER: study.trial.pk}).order_by("pk")
                found[model._meta.db_table] = list(mine.values())
        return found

    with ledger.as_of(study.trial.pk, number(study)):
        built = rows()
    with ledger.standing():
        assert rows() == built
    assert len([table for table, said in built.items() if said]) > 15


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_not_seen():
    study = factories.study().open()
    patient = study.enrol()
    before = number(study)

    def written():
        try:
            study.enrol()
        finally:
            connection.close()

    with ledger.standing():
        assert number(study) == before  # the first read takes the snapshot
        meanwhile = threading.Thread(target=written)
        meanwhile.start()
        meanwhile.join()
        assert (number(study), list(Patient.objects.filter(trial=study.trial))) == (before, [patient])
    assert Patient.objects.filter(trial=study.trial).count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_record_as_it_stands_cannot_be_written():
    study = factories.study()

    with pytest.raises(DatabaseError, match="read-only"), ledger.standing():
        Ledger.objects.filter(trial=study.trial).update(number=99)


def verified(study) -> bool:
    try:
        call_command("verify_ledger", trial=study.trial.code, verbosity=0)
    except CommandError:
        return False
    return True


def test_an_honest_ledger_is_verified():
    study = factories.study().open()
    study.enrol()

    assert verified(study)


def _at(stamp):
    return time_machine.travel(datetime.fromisoformat(f"2027-03-{stamp}+00:00"), tick=False)


def test_two_hosts_whose_clocks_differ_a_little_see_midnight_once():
    administrator = factories.person("clocks", role="administrator")
    with _at("01T12:00:00"):
        trial = services.create_trial(code=f"clocks-{uuid.uuid4().hex[:6]}", title="Clocks", by=administrator)
    seen = []

    def act(stamp):
        with _at(stamp), ledger.action(trial.pk, by=administrator, may=May.MANAGE_PEOPLE, verb="x", settle=True) as act:
            seen.append(act.clinical_date.day)
            Site.objects.create(trial=trial, code=f"{len(seen):02d}", name="Some")

    act("02T00:00:01")
    act("01T23:59:58")  # another host, three seconds behind
    act("02T00:00:05")
    act("01T20:00:00")  # hours behind is a wrong clock, which the record shows as it is

    assert seen == [2, 2, 2, 1]
    stamps = list(AuditEvent.objects.filter(ledger__trial=trial).order_by("number").values_list("at", flat=True))
    assert stamps[1:4] == sorted(stamps[1:4])
