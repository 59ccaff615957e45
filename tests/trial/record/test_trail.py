"""Who changed what: the trail, its file and the histories of pages name patient, table, field, old and new."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.enrolment import services as enrolling
from patients.services import cancel_slot
from tests import corrected, factories
from trial.models import AuditEvent
from trial.record import found, trail, verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return corrected.study()


def read(study, name="audit", who="auditor", **asked):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return client.get(reverse(f"trial:{name}", args=[study.trial.code]), asked)


def lines(answer):
    sent = answer.getvalue()
    assert sent.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(sent.decode("utf-8-sig"))))


def page(study, view, number, who):
    client = Client()
    client.force_login(getattr(study, who))
    with study.at():
        return " ".join(client.get(reverse(view, args=[study.trial.code, number])).text.split())


def test_the_file_has_a_line_for_each_value_that_was_changed(study):
    said = {
        tuple(line[name] for name in ("what", "by", "reason", "patient", "table", "row", "field", "old", "new"))
        for line in lines(read(study, "audit_export"))
    }
    visit = "Serum M-protein, visit of 5 Jan 2026 (DA 1)"

    assert (
        "Disease assessment corrected", "Coordinator", "Typed wrongly.", "001", "measurement", visit,
        "result", "2.6", "2.4",
    ) in said  # fmt: skip
    assert (
        "Doses corrected", "Investigator", "Miscounted.", "001", "doses taken", study.drug.name,
        "amount taken", "100", "90",
    ) in said  # fmt: skip
    assert (
        "Follow-up corrected", "Coordinator", "By the letter.", "001", "follow-up", "",
        "date of death", "5 Jan 2026", "6 Jan 2026",
    ) in said  # fmt: skip


def test_what_follows_by_rule_stands_under_nobodys_name():
    study = factories.study().open()
    study.dose()
    given, _ = study.slot(), study.slot()
    with study.at():
        waiting = enrolling.request_slot(trial=study.trial.pk, wait=True, by=study.coordinator)
        cancel_slot(trial=study.trial.pk, slot=given.pk, reason="Not eligible.", by=study.coordinator)
    record = AuditEvent.objects.filter(ledger__trial=study.trial)
    dosed, back = (record.get(verb=verb) for verb in ("treatment.start", "slot.cancel"))

    by = {
        line["table"]: line["by"] for line in lines(read(study, "audit_export")) if line["number"] == str(dosed.number)
    }
    assert by["treatment"] == "Investigator"
    assert by["standing"] == f"follows from no. {dosed.number}"
    assert f"Follows from no. {dosed.number} by rule" in read(study, row=f"no. {dosed.number}").text
    (entry,) = trail.entries(trail.of_trial(study.trial, study.auditor), [back])
    assert [change.name for change in entry.own] == [f"slot {given.number}"]
    assert [change.name for change in entry.derived] == [f"slot {waiting.number}"]
    shown = page(study, "patients:slot", waiting.number, "auditor")
    assert f'Follows from <a class="nowrap" href="/trials/{study.trial.code}/audit/?row=no.+{back.number}' in shown
    assert verification.verify(dosed.ledger) == []


def test_the_history_of_a_page_says_what_was_changed(study):
    audit = reverse("trial:audit", args=[study.trial.code])
    for who in ("auditor", "coordinator"):
        of_response, of_patient = (
            page(study, view, "001", who) for view in ("assessments:response_patient", "patients:patient")
        )
        for shown, what, was, now in (
            (of_response, "result", "2.6", "2.4"),
            (of_patient, "amount taken", "100", "90"),
            (of_patient, "date of death", "5 Jan 2026", "6 Jan 2026"),
        ):
            assert f'{what}: <del class="diff-old">{was}</del> → <ins class="diff-new">{now}</ins>' in shown
            assert (f'href="{audit}?row=no.+' in shown) == (who == "auditor")


def test_the_filter_finds_what_pages_call_things_and_says_what_is_not_there(study):
    of = trail.of_trial(study.trial, study.auditor)
    for asked in ("DA 1", "da1", "AE 1", "001", "patient 1", "decision 0", "level 1", "1", "no. 1"):
        rows = found.named(of.ledger, asked)
        assert trail.events(of, numbers=found.numbers(of, rows, table="", field="")).exists(), asked
    for asked in ("AE 9", "patient 099", "no. 9999", "meeting 1", "DA", "nobody", "099"):
        assert found.named(of.ledger, asked).nothing, asked
    for name in ("audit", "audit_export"):
        answer = read(study, name, row="meeting 1")
        assert answer.status_code == 422
        assert "No such record: meeting 1." in answer.text
    assert "DA 1" in read(study, row="DA 1").text


def test_a_number_is_of_an_action_and_a_patient_has_three_digits(study):
    of = trail.of_trial(study.trial, study.auditor)

    def numbers(asked):
        rows = found.named(of.ledger, asked)
        return {event.number for event in trail.events(of, numbers=found.numbers(of, rows, table="", field=""))}

    assert numbers("no. 2") == {2}
    assert 1 not in numbers("001")
    assert numbers("1") == numbers("001") | {1}


def test_the_filter_finds_by_table_and_by_field(study):
    def verbs(**asked):
        return [entry.event.verb for entry in read(study, **asked).context["entries"]]

    assert verbs(table="patients_followup") == ["followup.correct", "followup.record"]
    assert verbs(field="date of death", row="001") == ["followup.correct", "followup.record"]
    assert verbs(field="m-protein") == ["response.correct", "response.record"]
    assert verbs(field="amount taken", by=study.investigator.pk) == ["dosing.correct", "dosing.record"]
    assert verbs(field="date of death", row="AE 1") == []
    assert read(study, field="shoe size").status_code == 422


def test_a_field_of_a_shut_verdict_finds_nothing(study):
    assert read(study, table="assessments_dltverdict").context["entries"]
    assert read(study, table="assessments_dltverdict", field="is a DLT").context["entries"] == []
    shut = [line for line in lines(read(study, "audit_export")) if line["verb"] == "verdict.give"]
    assert {line["new"] for line in shut if line["table"] == "DLT verdict"} == {
        "shut until the second verdict is given"
    }
    assert found.numbers(trail.of_trial(study.trial, study.investigator), None, table="", field="is a DLT")


def test_the_page_asks_as_often_for_more_patients():
    study = factories.study().open()

    def queries():
        study.event(study.dose(), grade=1)
        with CaptureQueriesContext(connection) as asked:
            read(study)
        return len(asked)

    first = queries()
    assert first >= queries() > 0
