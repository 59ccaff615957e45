"""Pages of the sub-study: who sees what, what is refused keeps what was typed, and the number of queries."""

import re
import uuid
from datetime import time
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.biomarker import services
from assessments.biomarker.models import Assay, Control, CutOff, Sample
from assessments.biomarker.services import Reading
from patients.consent import services as patients
from patients.models import Consent
from tests import factories

pytestmark = pytest.mark.django_db


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(study, by, name="biomarker", *args):
    with study.at():
        return browser(by).get(reverse(f"assessments:{name}", args=[study.trial.code, *args]))


def post(study, by, page, /, *args, **answers):
    with study.at():
        url = reverse(f"assessments:{page}", args=[study.trial.code, *args])
        return browser(by).post(url, {"key": uuid.uuid4()} | answers)


def text(response):
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
    return words.replace("&#x27;", "'").replace("&quot;", '"')


def consented(study, patient):
    by = study.coordinator if patient.site_id == study.site.pk else study.other_coordinator
    with study.at():
        patients.record_consent(
            trial=study.trial.pk,
            slot=patient.slot_id,
            kind=Consent.Kind.BIOMARKER,
            version="B 1.0",
            given_on=study.today,
            by=by,
        )
    return patient


def measured(study, patient, of, value="120.5"):
    with study.at():
        return services.record_sample(
            trial=study.trial.pk,
            patient=patient.pk,
            reading=Reading(of.pk, "L 7", Decimal(value)),
            taken_on=study.today,
            taken_at=time(8),
            by=study.coordinator if patient.site_id == study.site.pk else study.other_coordinator,
        )


@pytest.fixture
def study():
    made = factories.study().open()
    with made.at():
        made.assay = services.define_assay(
            trial=made.trial.pk, name="Assay one", lower_limit=Decimal(5), by=made.medical_monitor
        )
    return made


def typed(study, **other):
    said = {
        "assay": study.assay.pk,
        "taken_on": f"{study.today:%d %b %Y}",
        "taken_at": "08:30",
        "kit_lot": "L 7",
        "dilution": 100,
        "result": "value",
        "value": "300",
    }
    return said | other


def test_from_an_assay_to_a_sample(study):
    patient = consented(study, study.enrol())

    assert post(study, study.coordinator, "new_sample", patient.code, **typed(study)).status_code == 302

    page = text(get(study, study.coordinator))
    assert "1 consented to the sub-study; 0 of 1 patients did not consent" in page
    assert "300 ng/mL" in page and "L 7, 1:100" in page  # not 3E+2


def test_below_the_limit_is_a_result_and_not_a_number(study):
    patient = consented(study, study.enrol())

    both = post(study, study.coordinator, "new_sample", patient.code, **typed(study, result="below"))
    assert both.status_code == 422 and "leave it empty" in text(both)
    assert post(study, study.coordinator, "new_sample", patient.code, **typed(study, result="below", value="")).url
    assert "below 5 ng/mL" in text(get(study, study.coordinator))


def test_what_is_refused_keeps_what_was_typed(study):
    patient = study.enrol()

    answer = post(study, study.coordinator, "new_sample", patient.code, **typed(study))

    assert answer.status_code == 409 and "has not consented to the sBCMA sub-study" in text(answer)
    assert 'value="300"' in answer.content.decode() and not Sample.objects.exists()


def test_a_correction_needs_its_reason_and_the_row_that_was_seen(study):
    patient = consented(study, study.enrol())
    row = measured(study, patient, study.assay)
    seen = Sample.objects.get(pk=row.pk).rev

    without = post(study, study.coordinator, "correct_sample", row.pk, **typed(study, rev=seen, reason=""))
    assert without.status_code == 422 and "Reason for the correction: an answer is needed." in text(without)
    done = post(
        study, study.coordinator, "correct_sample", row.pk, **typed(study, rev=seen, value="42", reason="Typo.")
    )
    assert done.status_code == 302 and Sample.objects.get(pk=row.pk).value == Decimal(42)
    late = post(study, study.investigator, "correct_sample", row.pk, **typed(study, rev=seen, reason="Mine."))
    assert late.status_code == 409 and "changed by Coordinator since you opened the form" in text(late)
    again = post(
        study, study.investigator, "correct_sample", row.pk,
        **typed(study, rev=late.context["form"]["rev"].value(), reason="Compared."),
    )  # fmt: skip
    assert again.status_code == 302 and Sample.objects.get(pk=row.pk).value == Decimal(300)


def test_a_sample_that_another_corrected_or_voided_meanwhile_is_not_voided_unseen(study):
    row = measured(study, consented(study, study.enrol()), study.assay)
    seen = Sample.objects.get(pk=row.pk).rev
    post(study, study.coordinator, "correct_sample", row.pk, **typed(study, rev=seen, value="42", reason="Typo."))

    late = post(study, study.investigator, "void_sample", row.pk, rev=seen, reason="Wrong tube.")
    assert late.status_code == 409 and "The sample was changed by Coordinator since you opened the form" in text(late)
    assert "42 ng/mL with Assay one" in text(late) and "Wrong tube." in text(late)
    assert not Sample.objects.get(pk=row.pk).voided

    form = {"rev": late.context["form"]["rev"].value(), "reason": "Wrong tube.", "key": uuid.uuid4()}
    assert [post(study, study.investigator, "void_sample", row.pk, **form).status_code for _ in range(2)] == [302, 302]
    second = post(study, study.coordinator, "void_sample", row.pk, rev=form["rev"], reason="Mine.")
    assert second.status_code == 409 and "The sample is voided. Investigator did so since" in text(second)
    assert get(study, study.coordinator, "void_sample", row.pk).status_code == 404


def test_a_control_and_a_cut_off_are_taken_back_once(study):
    by, of = study.medical_monitor, study.assay.pk
    post(study, by, "add_controls", of, kit_lot="L 7", dilution=1, source="A series", controls="C 1; 9")
    post(study, by, "add_cut_off", of, purpose="prognostic", value="300", source="A paper")
    for page, row, name in (
        ("void_control", Control.objects.get(), "Control C 1"),
        ("void_cut_off", CutOff.objects.get(), "The cut-off"),
    ):
        form = {"rev": row.rev, "reason": "Wrong paper."}
        key = uuid.uuid4()
        assert [post(study, by, page, row.pk, key=key, **form).status_code for _ in range(2)] == [302, 302]
        second = post(study, by, page, row.pk, **form)
        assert second.status_code == 409 and f"{name} is voided." in text(second)
        assert get(study, by, page, row.pk).status_code == 404


def test_controls_are_read_a_line_each_all_or_none(study):
    said = {"kit_lot": "L 7", "dilution": 1, "source": "A published series"}

    for lines, complaint in (
        ("C 01; 34.2\nC 02; many", "line 2 needs a value"),
        ("; 34.2", "line 1 needs a code"),
        ("C 01; -3", "line 1 needs a value"),
    ):
        answer = post(study, study.medical_monitor, "add_controls", study.assay.pk, controls=lines, **said)
        assert answer.status_code == 422 and complaint in text(answer)
    twice = post(study, study.medical_monitor, "add_controls", study.assay.pk, controls="C 1; 9\nC 1; 8", **said)
    assert twice.status_code == 409 and "C 1 of this assay is there already" in text(twice)
    low = post(study, study.medical_monitor, "add_controls", study.assay.pk, controls="C 1; 4", **said)
    assert low.status_code == 409 and "C 1: the lower limit of Assay one is 5 ng/mL" in text(low)
    assert not Control.objects.exists()

    assert post(study, study.medical_monitor, "add_controls", study.assay.pk, controls="C 1; 9\nC 2; below", **said).url
    assert list(Control.objects.values_list("code", "value", "below_limit")) == [
        ("C 1", Decimal(9), False),
        ("C 2", None, True),
    ]


def test_assays_and_cut_offs_by_the_medical_monitor_alone(study):
    for by in (study.coordinator, study.investigator, study.dsmb, study.statistician, study.auditor):
        assert get(study, by, "new_assay").status_code == 403
        assert get(study, by, "add_cut_off", study.assay.pk).status_code == 403
    post(study, study.medical_monitor, "new_assay", name="Assay two", lower_limit="2.5")
    post(
        study, study.medical_monitor, "add_cut_off", study.assay.pk, purpose="prognostic", value="300", source="A paper"
    )

    assert Assay.objects.count() == 2 and CutOff.objects.get().value == Decimal(300)
    assert "300 ng/mL, prognostic" in text(get(study, study.statistician))
    cut_off = CutOff.objects.get()
    voided = post(study, study.medical_monitor, "void_cut_off", cut_off.pk, rev=cut_off.rev, reason="Wrong paper.")
    assert voided.status_code == 302
    assert "300 ng/mL" not in text(get(study, study.statistician))


def test_another_sites_samples_do_not_exist(study):
    patient = consented(study, study.enrol(study.other_coordinator))
    row = measured(study, patient, study.assay, "777")

    assert "777 ng/mL" not in text(get(study, study.coordinator))
    assert get(study, study.coordinator, "correct_sample", row.pk).status_code == 404
    assert get(study, study.coordinator, "new_sample", patient.code).status_code == 404
    assert "777 ng/mL" in text(get(study, study.statistician))
    assert get(study, factories.study().coordinator).status_code == 404


def test_more_patients_ask_no_more_queries(study):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert get(study, study.statistician).status_code == 200
        return len(asked)

    measured(study, consented(study, study.enrol()), study.assay)
    few = queries()
    for _ in range(2):
        measured(study, consented(study, study.enrol()), study.assay)
    assert queries() == few


def test_the_sample_form_says_before_anything_is_typed_whether_there_is_consent(study):
    without, with_consent = study.enrol(), consented(study, study.enrol())

    def form(patient):
        return text(get(study, study.coordinator, "new_sample", patient.code))

    assert "Consent: the patient has not consented to the sBCMA sub-study" in form(without)
    assert "Under the sub-study's own consent of" in form(with_consent)


def test_an_assay_is_corrected_with_a_reason_and_its_limit_stays_below_every_value(study):
    measured(study, consented(study, study.enrol()), study.assay, value="120.5")
    seen = Assay.objects.get().rev
    said = {"name": "Assay 1", "lower_limit": "6.5", "rev": seen, "reason": "The kit's leaflet."}

    def correct(by=study.medical_monitor, **other):
        return post(study, by, "correct_assay", study.assay.pk, **said | other)

    assert correct(study.coordinator).status_code == 403
    assert "Reason for the correction: an answer is needed." in text(correct(reason=""))
    assert "a value of 120.5 ng/mL is recorded below it" in text(correct(lower_limit="121"))
    assert correct().status_code == 302
    row = Assay.objects.get()
    assert (row.name, row.lower_limit) == ("Assay 1", Decimal("6.5"))
    assert "The assay Assay 1 was changed by Medical_monitor since you opened the form" in text(correct(name="Other"))
