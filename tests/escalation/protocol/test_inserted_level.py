"""An amendment puts a level between two others: nobody's dose is renamed, and everything that was decided stands."""

import pytest
from django.test import Client
from django.urls import reverse

from escalation import engines
from escalation.engine import reading as engine
from escalation.models import BasisChanged, Decision
from escalation.protocol import services as protocol
from escalation.situation import queries
from escalation.whatif import outcomes as whatif
from tests import factories
from tests.factories import DRUGS, Level, ladder
from trial.protocol_settings import ProtocolSettings
from trial.record import ledger
from trial.refusals import Refused


def insert(study, at=1, label="1b", levels=3, start=1):
    """A level of its own label above the lowest `at` ones."""
    old = ladder(levels)
    with study.at():
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(start=start),
            levels=[*old[:at], Level(label, ()), *old[at:]],
            drugs=DRUGS,
            criteria=["18 years or older"],
            reason="A step between, as the committee asked.",
            based_on=study.situation().protocol.version.number,
            by=study.medical_monitor,
        )
    return study


def labels(here):
    return [level.label for level in here.protocol.levels]


@pytest.fixture
def study():
    """0/3 at level 1, level 2 open with one patient without a result."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    study.dose()
    return study


@pytest.mark.django_db
def test_patients_keep_their_dose_and_no_basis_changes(study):
    before = study.situation()
    stored = {d.number: (d.position, d.dose_level.label, d.inputs) for d in before.in_force}
    insert(study)

    here = study.situation()

    assert labels(here) == ["1", "1b", "2", "3"]
    assert [f.level.label for f in here.facts] == ["1", "1", "1", "2"]
    assert [p["level"] for p in here.inputs["patients"]] == [1, 1, 1, 3]
    assert here.cohort.dose_level.label == "2"
    assert here.position == 3
    assert not BasisChanged.objects.exists()
    assert {d.number: (d.position, d.dose_level.label, d.inputs) for d in here.in_force} == stored
    for decision in Decision.objects.all():
        assert engine.as_json(engines.recommend(decision.inputs)) == decision.recommendation


@pytest.mark.django_db
def test_the_rule_asks_for_the_new_level_before_the_old_one_goes_on(study):
    """Escalation goes one level at a time: the trial now stands at the unused level between."""
    insert(study)

    here = study.situation()

    assert here.advice.level == 2
    assert here.decision_due
    with pytest.raises(Refused):
        study.slot()
    root = whatif.tree(engines.patients_of(here.inputs), levels=4, rule=queries.rule_of(here.protocol.settings))
    assert root.advice == here.advice


@pytest.mark.django_db
def test_above_the_open_level_nothing_changes_now(study):
    before = study.situation()
    insert(study, at=2, label="2b")

    here = study.situation()

    assert (here.advice.action, here.advice.level, here.free) == (before.advice.action, 2, before.free)
    assert here.position == 2


@pytest.mark.django_db
def test_a_closed_level_stays_closed_under_its_own_name():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    for _ in range(2):
        study.dlt(study.dose())
    assert study.situation().advice.closed_from == 2

    insert(study)

    here = study.situation()
    assert labels(here)[here.advice.closed_from - 1] == "2"
    assert not BasisChanged.objects.exists()


@pytest.mark.django_db
def test_a_late_dlt_after_it_names_the_place_of_today(study):
    patient = study.situation().facts[0].patient
    insert(study)

    with study.at():
        event = study.event(patient, onset_on=patient.treatment.first_dose_on)
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)

    found = {(change.position, change.now) for change in BasisChanged.objects.all()}
    assert found == {(1, "suspected at level 1"), (1, "DLT at level 1")}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["trial", "escalation", "what_if", "table", "protocol", "outside"])
def test_every_page_shows_it(study, name):
    insert(study)
    client = Client()
    client.force_login(study.statistician)
    with study.at():
        response = client.get(reverse(f"escalation:{name}", args=[study.trial.code]))

    assert response.status_code == 200
    if name in ("trial", "escalation", "protocol"):
        assert "1b" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_past_shows_the_ladder_of_its_time():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    number = ledger.number_of(study.trial.pk)
    insert(study)

    with ledger.as_of(study.trial.pk, number):
        past = queries.situation(study.trial, study.today)
        assert labels(past) == ["1", "2", "3"]
        assert past.position == 2
    assert labels(study.situation()) == ["1", "1b", "2", "3"]
    assert study.situation().position == 3


@pytest.mark.django_db
def test_a_used_level_stays_and_an_outdated_form_is_refused(study):
    with study.at(), pytest.raises(Refused, match="level 2 was opened"):
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(),
            levels=[ladder(3)[0], ladder(3)[2]],
            drugs=DRUGS,
            criteria=["18 years or older"],
            reason="Without level 2.",
            by=study.medical_monitor,
        )


@pytest.mark.django_db
def test_one_trial_never_grades_by_two_ctcae_versions(study):
    with study.at(), pytest.raises(Refused, match="never mixed in one trial") as refused:
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(ctcae_version="6.0"),
            levels=ladder(3),
            drugs=DRUGS,
            criteria=["18 years or older"],
            reason="The newer version.",
            by=study.medical_monitor,
        )
    assert refused.value.field == "ctcae_version"
    assert study.situation().protocol.settings.ctcae_version == "5.0"
