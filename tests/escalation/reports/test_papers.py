"""Papers by page: asked for, built, listed, taken; refused to who may not have them, and both recorded."""

import csv
import hashlib
import re
from datetime import time
from decimal import Decimal
from io import BytesIO, StringIO

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import Client

from assessments.biomarker import services as biomarker
from escalation.meetings import services as meetings
from escalation.reports import services, views
from patients.consent import services as consent
from tests import corrected, factories, rest
from trial.models import AccessEvent, Artifact
from trial.paper import artifacts, building

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])


@pytest.fixture
def study():
    made = factories.study().open()
    made.dlt(made.dose())
    return made


def browser(user):
    made = Client()
    made.force_login(user)
    return made


def build(study, by, **asked):
    made = services.ask(trial=study.trial.pk, by=by, **asked)
    while building.build_one():
        pass
    return artifacts.find(study.trial.pk, made.pk)


def text(artifact):
    pages = pypdf.PdfReader(BytesIO(b"".join(artifacts.stream(artifact)))).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_a_paper_is_asked_for_built_listed_and_taken(study):
    here = f"/trials/{study.trial.code}/reports/"
    reader = browser(study.statistician)
    assert "None yet" in reader.get(here).text
    answer = reader.post(here, {"kind": "decision-table"})
    assert answer.status_code == 302
    one = answer["Location"]
    assert ">waiting<" in reader.get(one).text
    assert reader.post(here, {"kind": "decision-table", "of": "1"})["Location"] == one  # asked for already
    seen = reader.get(here).context["seen"]
    assert reader.get(f"{here}pulse/?seen={seen}").status_code == 204
    building.build_one()

    assert reader.get(f"{here}pulse/?seen={seen}")["HX-Trigger"] == "changed"
    made = Artifact.objects.get()
    answer = reader.get(f"{one}file/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == made.sha256
    assert made.sha256 in reader.get(one).text
    headers = {name: answer[name] for name in ("ETag", "Content-Length", "Content-Type", "X-Content-Type-Options")}
    assert headers == {
        "ETag": f'"{made.sha256}"',
        "Content-Length": str(len(content)),
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer["Content-Disposition"] == f'attachment; filename="{study.trial.code}-decision-table-1.pdf"'
    assert reader.get(f"{one}file/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    told = AccessEvent.objects.filter(trial=study.trial, user=study.statistician, kind__startswith="file")
    assert [one.kind for one in told.order_by("at")] == ["file asked for", "file asked for", "file taken"]
    assert "Go up one level" in text(made)


def test_two_builds_of_one_cut_are_the_same_bytes(study):
    first = build(study, study.dsmb, kind="signature-page", of="0")
    again = BytesIO()
    artifacts.builders()["signature-page"].build(first, again, lambda percent, step: None)

    assert hashlib.sha256(again.getvalue()).hexdigest() == first.sha256


def test_a_signature_page_says_who_signed_what_and_how_it_is_checked(study):
    said = text(build(study, study.monitor, kind="signature-page", of="0"))
    decision = study.situation().decisions[0]

    for words in ("Decision 0: Open the trial at level 1", decision.content[:14], "In force", "Safety committee"):
        assert words in said
    assert "has the hash that the signatures are bound to" in said


def test_a_casebook_holds_each_fact_with_its_action_and_a_correction_with_what_it_replaced():
    study = corrected.study()
    said = text(build(study, study.coordinator, kind="casebook", of="001"))

    assert "Casebook of patient 001" in said
    assert "Relation to selinexor of AE" in said  # as people say it
    for words in ("Platelet count decreased", "Typed wrongly.", "By the letter.", "2.6", "2.4"):
        assert words in said
    assert "Shut until" in said  # the first verdict, before the second
    assert "As reported." not in said
    safe = text(build(study, study.monitor, kind="casebook", of="001"))
    assert "not in this copy" in safe
    assert "Typed wrongly." not in safe  # of the M-protein


@pytest.mark.parametrize(
    ("who", "kind", "of"), [("coordinator", "signature-page", "0"), ("other_coordinator", "casebook", "001")]
)
def test_who_may_not_have_it_is_refused_and_that_is_recorded(study, who, kind, of):
    made = build(study, study.dsmb, kind=kind, of=of)
    person = browser(getattr(study, who))
    here = f"/trials/{study.trial.code}/reports/"

    assert person.post(here, {"kind": kind, "of": of}).status_code == 403
    assert person.get(f"{here}{made.pk}/").status_code == 403
    assert person.get(f"{here}{made.pk}/file/").status_code == 403
    assert made.title not in person.get(here).text
    assert AccessEvent.objects.filter(kind="file refused", user=getattr(study, who), trial=study.trial).count() == 3


def test_a_monitor_has_casebooks_without_responses(study):
    asked = services.ask(trial=study.trial.pk, by=study.monitor, kind="casebook", of="001")

    assert asked.title == "Casebook of patient 001, without responses"
    assert asked.pk != services.ask(trial=study.trial.pk, by=study.dsmb, kind="casebook", of="001").pk


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"kind": "casebook", "of": "999"}, 404, "No such patient."),
        ({"kind": "signature-page", "of": "99"}, 404, "No such decision."),
        ({"kind": "decision-table", "of": "x"}, 404, "No such protocol version."),
        ({"kind": "casebook"}, 422, "give the number"),
        ({"kind": "novel"}, 422, "choose one of these"),
        ({}, 422, "choose one."),
    ],
)
def test_what_there_is_not_is_said_and_what_was_typed_stays(study, asked, status, says):
    answer = browser(study.dsmb).post(f"/trials/{study.trial.code}/reports/", asked)

    assert answer.status_code == status
    assert says in answer.text
    assert not asked.get("of") or f'value="{asked["of"]}"' in answer.text


def test_a_paper_of_another_trial_is_not_there(study):
    made = build(study, study.dsmb, kind="decision-table")
    other = factories.study().open()

    for address in ("", "file/", "pulse/"):
        answer = browser(other.dsmb).get(f"/trials/{other.trial.code}/reports/{made.pk}/{address}")
        assert answer.status_code == 404


def test_a_program_asks_waits_and_takes_the_file(study):
    first = rest.send(study.dsmb, "reports/", study, {"kind": "decision-table"}, key=None)
    assert (first.status_code, first.json()["state"]) == (202, "waiting")
    assert rest.ask(study.dsmb, f"{first['Location']}file", study).status_code == 409
    building.build_one()

    again = rest.send(study.dsmb, "reports/", study, {"kind": "decision-table", "of": 1}, key=None)
    assert (again.status_code, again["Location"]) == (200, first["Location"])
    told = rest.ask(study.dsmb, first["Location"], study).json()
    assert (told["state"], told["percent"]) == ("done", 100)
    assert rest.ask(study.dsmb, "reports/", study).json()["results"] == [told]
    answer = rest.ask(study.dsmb, told["file"], study)
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == told["sha256"]
    assert rest.ask(study.dsmb, told["file"], study, If_None_Match=answer["ETag"]).status_code == 304
    missing = rest.send(study.dsmb, "reports/", study, {"kind": "open", "cut": 1}, key=None)
    assert (missing.status_code, missing.json()["detail"]) == (
        404,
        f"{study.trial.code} has no data cut no. 1: a meeting freezes one.",
    )
    for asked, says in (
        ({"kind": "open"}, "A report is of a data cut: a meeting freezes one."),
        ({"kind": "casebook"}, "Give the number of the patient."),
        ({"kind": "casebook", "of": 77}, "No such patient."),
    ):
        answer = rest.send(study.dsmb, "reports/", study, asked, key=None)
        assert (answer.status_code, answer.json()["detail"]) == (404, says)


def test_a_file_of_the_list_has_all_papers_and_what_fills_the_form_is_no_filter(study, monkeypatch):
    monkeypatch.setattr(views, "A_PAGE", 1)
    for paper in ({"kind": "decision-table"}, {"kind": "casebook", "of": "1"}):
        services.ask(trial=study.trial.pk, by=study.dsmb, **paper)
    reader, here = browser(study.dsmb), f"/trials/{study.trial.code}/reports/"
    asked = {"kind": "casebook", "of": "001"}
    assert 'value="001"' in reader.get(here, asked).text

    answer = reader.get(here, asked | {"part": "papers", "format": "csv"})
    file = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))

    assert len(file) == 2
    assert {row["Filters"] for row in file} == {"none"}


@pytest.mark.parametrize("cut", ["abc", ""])
def test_what_is_no_cut_is_refused_in_one_sentence(study, cut):
    answer = browser(study.dsmb).post(f"/trials/{study.trial.code}/reports/", {"kind": "open", "cut": cut})

    assert answer.status_code == 422
    assert len(answer.context["form"].errors["cut"]) == 1
    assert "Select a valid choice" not in answer.text


def test_a_command_writes_the_same_bytes_and_says_what_there_is_not(study, tmp_path, monkeypatch):
    made = build(study, study.dsmb, kind="signature-page", of="0")
    monkeypatch.chdir(tmp_path)
    call_command("report", study.trial.code, kind="signature-page", of="0", stdout=StringIO())

    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()] == [made.sha256]
    assert "manage.py report" in AccessEvent.objects.get(kind="file taken").detail
    for asked, says in (
        (["nowhere"], "There is no trial with the code nowhere."),
        ([study.trial.code, "--cut", "7"], "no data cut of record no. 7. A meeting freezes one; none has yet."),
        ([study.trial.code, "--kind", "novel"], "Kind: novel is none"),
        ([study.trial.code, "--kind", "casebook", "--of", "77"], "No such patient."),
    ):
        with pytest.raises(CommandError, match=re.escape(says)):
            call_command("report", *asked)


@pytest.mark.parametrize("who", ["coordinator", "monitor"])
def test_reports_of_a_cut_are_for_who_may_read_them_and_one_that_is_not_the_last_is_marked(study, who):
    trial, by = study.trial.pk, study.dsmb
    with study.at():
        row = meetings.call(trial=trial, cut_off=study.today, meets_on=study.today, by=by)
        cut = meetings.freeze(trial=trial, meeting=row.pk, by=by)
        made = services.ask(trial=trial, kind="closed", cut=cut.record, by=by)
        assert services.ask(trial=trial, kind="closed", cut=cut.record, by=study.statistician).pk == made.pk
        with pytest.raises(PermissionDenied):
            services.ask(trial=trial, kind="closed", cut=cut.record, by=getattr(study, who))
        with pytest.raises(Http404):
            services.ask(trial=trial, kind="open", cut=cut.record - 1, by=by)
        other, here = browser(getattr(study, who)), f"/trials/{study.trial.code}/reports/"
        assert other.get(f"{here}{made.pk}/").status_code == 403
        assert other.post(here, {"kind": "closed", "cut": cut.record}).status_code == 403
        assert ('name="cut"' in other.get(here).text) == (who == "monitor")  # who may have no report chooses no cut
        assert AccessEvent.objects.filter(kind="file refused", user=getattr(study, who)).count() == 3
        study.dose()
        later = meetings.freeze(trial=trial, meeting=row.pk, by=by)
        page = browser(by).get(f"/trials/{study.trial.code}/reports/").text
        assert f"Not the last cut: cut {later.number} of meeting 1" in page
        assert services.ask(trial=trial, kind="closed", cut=cut.record, by=by).pk != made.pk  # built anew, to say so


def test_after_a_withdrawal_of_the_sub_study_the_older_file_is_kept_and_not_offered(study):
    patient, trial = study.dose(), study.trial.pk
    with study.at():
        given = consent.record_consent(
            trial=trial,
            slot=patient.slot_id,
            kind="biomarker",
            version="B 1",
            given_on=study.today,
            by=study.coordinator,
        )
        assay = biomarker.define_assay(trial=trial, name="Assay", lower_limit=Decimal(5), by=study.medical_monitor)
        biomarker.record_sample(
            trial=trial, patient=patient.pk, reading=biomarker.Reading(assay.pk, "L", Decimal("123.25")),
            taken_on=study.today, taken_at=time(8, 30), by=study.coordinator,
        )  # fmt: skip
        older = build(study, study.dsmb, kind="casebook", of=patient.code)
        of_another = build(study, study.dsmb, kind="casebook", of="001")
        assert "123.25" in text(older)
        assert "consent consent B 1 " in text(older)  # what the sample rests on, by its name
        consent.withdraw_consent(trial=trial, consent=given.pk, on=study.today, reason="No more.", by=study.coordinator)
    reader, here = browser(study.auditor), f"/trials/{study.trial.code}/reports/"
    answer = reader.get(f"{here}{older.pk}/file/")
    assert answer.status_code == 410
    assert "withdrawn the consent" in answer.text
    assert "no longer offered" in reader.get(here).text  # and that it was is seen
    assert b"".join(artifacts.stream(older))
    assert reader.get(f"{here}{of_another.pk}/file/").status_code == 200  # it holds nothing of this patient

    anew = build(study, study.dsmb, kind="casebook", of=patient.code)
    assert "123.25" not in text(anew)
    assert reader.get(f"{here}{anew.pk}/file/").status_code == 200

    given.refresh_from_db()
    with study.at():
        consent.correct_consent(
            trial=trial, consent=given.pk, version="B 1", given_on=given.given_on, rev=given.rev, reason="Of another.",
            by=study.coordinator,
        )  # fmt: skip
    assert reader.get(f"{here}{older.pk}/file/").status_code == 200
