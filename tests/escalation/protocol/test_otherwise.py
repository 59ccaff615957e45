"""The preview of an amendment of the DLT definition: what would have been read and recommended otherwise, untouched."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.protocol import otherwise
from escalation.situation import past
from tests import factories
from tests.escalation.protocol.test_protocol_pages import fields
from trial.models import RowImage
from trial.protocol_settings import CRITERIA, ProtocolSettings
from trial.record import ledger

pytestmark = pytest.mark.django_db

DEFINITION = ProtocolSettings()
TERMS = (  # docs/domain.md, section 4: haematological by term
    *("Anemia", "Neutrophil count decreased", "Platelet count decreased", "White blood cell decreased"),
    *("Lymphocyte count decreased", "CD4 lymphocytes decreased", "Leukocytosis"),
)
TERMS_6 = (  # section 6
    *("Anemia", "Neutrophil count decreased", "Thrombocytopenia", "White blood cell decreased"),
    *("Lymphopenia", "CD4 lymphocytes decreased", "Leukocytosis"),
)


def without(*off):
    return replace(DEFINITION, criteria={code: code not in off for code in CRITERIA})


@pytest.fixture
def study():
    """Level 1 passed on 0/3, level 2 on 1/6: platelets of grade 4 on day 4 in patient 004. Then escalate to level 3."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()  # 1: escalate to 2
    study.cohort(3, dlts=1)
    study.sign()  # 2: expand level 2
    study.cohort(3)
    study.sign()  # 3: escalate to 3
    return study


def read(study, settings):
    with study.at():
        return otherwise.read(study.situation(), settings)


def told(found):
    return [(one.decision.number, one.was, one.now) for one in found.decisions]


def counts(one):
    return [(patient.code, patient.was, patient.now) for patient in one.patients]


def test_a_criterion_switched_off_clears_what_was_read_by_it(study):
    found = read(study, without("H3", "H4"))

    assert [(row.code, row.patient, row.was, row.now, row.readers) for row in found.events] == [
        ("AE 1", "004", "DLT by H3", "no criterion met", "read: DLT")
    ]
    assert told(found) == [(2, "Expand level 2 to 6", "Escalate to level 3")]  # 0/3 then
    assert counts(found.decisions[0]) == counts(found.today) == [("004", "DLT", "No DLT")]
    assert not found.decisions[0].bolder
    assert (found.alike, found.today.same) == ([3], True)  # 0/6 escalates as 1/6 did


def test_an_answer_that_is_missing_keeps_it_pending(study):
    found = read(study, without("H3"))

    assert [(row.was, row.now) for row in found.events] == [("DLT by H3", "pending by H4")]
    assert told(found) == [(2, "Expand level 2 to 6", "Wait")]
    assert found.decisions[0].bolder


def test_a_longer_window_takes_in_what_came_after_it(study):
    late = next(f.patient for f in study.situation().facts if f.patient.code == "005")
    study.later(5)
    study.event(late, term="Alanine aminotransferase increased")
    found = read(study, replace(DEFINITION, window_days=84))

    assert [(row.code, row.patient, row.was, row.now) for row in found.events] == [
        ("AE 2", "005", "no criterion met", "DLT by N1")
    ]
    # nobody's window would have been over when the first two were signed
    assert told(found)[:2] == [(1, "Escalate to level 2", "Wait"), (2, "Expand level 2 to 6", "Wait")]
    assert ("005", "No DLT", "DLT") in counts(found.today)
    assert found.limits[0].startswith("Of 8 patients the doses are recorded as totals")


def test_ctcae_6_asks_the_lowest_value_and_says_that_there_is_none(study):
    found = read(study, replace(DEFINITION, ctcae_version="6.0"))

    assert [(row.patient, row.now) for row in found.events] == [("004", "pending: lowest value not recorded")]
    assert told(found) == [(2, "Expand level 2 to 6", "Wait")]
    assert found.limits[0].endswith("never mixed in one trial. This can be read here, not put in force.")


def counts_low(version="5.0"):
    """Three on level 1: AE 1 neutrophils 0.3 for eight days, AE 2 for six, AE 3 anaemia 3, AE 4 haemolysis 3."""
    study = factories.study(ctcae_version=version).open()
    one, two, three = (study.dose() for _ in range(3))
    study.later(20)
    day = lambda n: one.treatment.first_dose_on + timedelta(days=n - 1)  # noqa: E731
    of = {"5.0": {"grade": 4}, "6.0": {"grade": 3, "lowest_value": Decimal("0.3")}}  # domain.md, section 6: the value
    low = {"term": "Neutrophil count decreased", **of[version]}
    study.event(one, onset_on=day(5), ended_on=day(12), **low)
    study.event(two, onset_on=day(5), ended_on=day(10), **low)
    study.event(two, term="Anemia", grade=3, onset_on=day(6), ended_on=day(9))
    study.event(three, term="Hemolysis", grade=3, onset_on=day(2), ended_on=day(6))
    return study


BY_H1 = ("AE 1", "DLT by H1", "no criterion met")
BY_N1 = ("AE 4", "DLT by N1", "no criterion met")


@pytest.mark.parametrize("version", ["5.0", "6.0"])
def test_neutrophils_of_0_3_for_eight_days_are_read_alike_in_a_trial_on_either_version(version):
    study, on = counts_low(version), replace(DEFINITION, ctcae_version=version)
    assert [(one.state, one.suggestion.criterion) for f in study.situation().facts for one in f.events] == [
        ("suspected", "H1"), ("none", None), ("none", None), ("suspected", "N1"),
    ]  # fmt: skip

    def otherwise(**changed):
        found = read(study, replace(on, **changed))
        assert found.of == 4
        return [(row.code, row.was, row.now) for row in found.events]

    terms = TERMS if version == "5.0" else TERMS_6
    assert otherwise(window_days=4) == [BY_H1]  # it began on day 5
    assert otherwise(window_days=1) == [BY_H1, BY_N1]
    assert otherwise(criteria={code: code != "H1" for code in CRITERIA}) == [BY_H1]  # neutrophils are never of H5
    assert otherwise(haematological=(*terms, "Hemolysis")) == [BY_N1]  # H5 asks grade 4
    assert otherwise(haematological=tuple(one for one in terms if one != "Anemia")) == [
        ("AE 3", "no criterion met", "DLT by N1")
    ]
    if version == "5.0":  # the value that would decide was not asked then
        assert otherwise(ctcae_version="6.0") == [("AE 1", "DLT by H1", "pending: lowest value not recorded")]


def test_the_same_definition_changes_nothing_and_each_situation_is_that_of_as_of(study):
    found = read(study, DEFINITION)

    assert (found.events, found.decisions, found.alike, found.today, found.asked) == ([], [], [], None, 4)
    with study.at():
        here = study.situation()
    moments = [(d.rev - 1, d.proposed_at, here.reading) for d in here.in_force]
    assert [then.inputs for then in past.situations(here, moments)] == [d.inputs for d in here.in_force]


def rows(trial) -> list[tuple[str, str]]:
    """Every audited row of the trial as it lies in its table."""
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for model in (m for m in ledger.audited_models() if m.LEDGER):
            cursor.execute(
                f'SELECT row_to_json(t)::text FROM "{model._meta.db_table}" t WHERE "{model.LEDGER}" = %s ORDER BY 1',
                [trial],
            )
            found += [(model._meta.db_table, row) for (row,) in cursor]
    return found


def test_the_page_leads_to_events_and_decisions_and_touches_nothing(study):
    client = Client()
    client.force_login(study.medical_monitor)
    form = reverse("escalation:amend", args=[study.trial.code])

    def preview():
        with study.at():
            sent = fields(client.get(form)) | {"do": "preview", "reason": ""}
            del sent["criterion_H3"]
            return client.post(form, sent)

    before = (ledger.number_of(study.trial.pk), RowImage.objects.count(), rows(study.trial.pk))
    answer = preview()
    shown = re.sub(r"\s+", " ", answer.content.decode())

    assert answer.status_code == 200
    assert "Had it been so since patient 001" in shown
    assert "1 of 1 event, 1 of 4 decisions" in shown
    assert reverse("assessments:event", args=[study.trial.code, 1]) in shown
    assert reverse("escalation:decision", args=[study.trial.code, 2]) in shown
    assert (ledger.number_of(study.trial.pk), RowImage.objects.count(), rows(study.trial.pk)) == before

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            preview()
        return len(caught)

    few = asked()
    study.event(study.dose())
    asked()
    assert asked() <= few + 1
