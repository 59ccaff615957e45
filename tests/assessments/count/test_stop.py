"""A stop for related toxicity and criterion N4: suspected on that day, carried to the readers by an event."""

from decimal import Decimal

import pytest

from escalation.outstanding import blocked
from escalation.protocol import services as protocol
from patients.dosing import services as dosing
from tests import factories
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused
from trial.services import DoseOf, Level

pytestmark = pytest.mark.django_db

WEEKLY = {"schedule": "weekly", "per_cycle": 4, "days": (1, 8, 15, 22), "times": 1}


def ladder(**schedule):
    return [
        Level(str(k), [DoseOf(drug, Decimal(10 * k), "mg", **schedule) for drug in factories.DRUGS]) for k in (1, 2, 3)
    ]


def amend(study, levels, **settings):
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(**settings), levels=levels, drugs=factories.DRUGS,
            criteria=["18 years or older"], reason="The schedule as data.", by=study.medical_monitor,
        )  # fmt: skip


@pytest.fixture
def study():
    """Treated at a level that had its schedule in words alone, which an amendment has since given as data."""
    study = factories.study(levels=3).open()
    study.patient = study.dose()
    amend(study, ladder(**WEEKLY))
    return study.later(9)  # day 10: two doses given, two left


def stop(study, **said):
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, stop_reason="Toxicity",
            by=study.investigator, **said,
        )  # fmt: skip


def patient(study):
    return study.situation().facts[0]


def test_a_stop_for_related_toxicity_is_suspected_at_once_and_asks_for_its_event(study):
    stop(study, related=True)

    facts = patient(study)
    assert (facts.outcome, facts.dlt) == ("suspected", "suspected")
    assert "Stopped on day 10 for related toxicity: more than 25 % of selinexor" in facts.because
    assert [row.what for row in blocked.missing(study.situation())] == [
        "mark the adverse event that treatment was stopped for (N4)"
    ]
    assert study.situation().held_at(1)

    event = study.event(study.patient, term="Fatigue", grade=2, doses_missed=True)
    (found,) = patient(study).events
    assert (found.state, found.suggestion.criterion) == ("suspected", "N4")

    study.verdict(event, study.investigator, is_dlt=False)
    study.verdict(event, study.medical_monitor, is_dlt=False)
    assert (patient(study).dlt, patient(study).outcome) == ("none", "pending")


def test_a_stop_for_another_reason_or_of_another_drug_is_not(study):
    stop(study, related=False)

    assert patient(study).dlt == "none"


def test_only_the_drugs_that_were_stopped_for_it_count(study):
    stop(study, related=True, drugs=["selinexor"])

    assert "of selinexor is missed" in patient(study).because


def test_with_n4_off_a_stop_asks_nothing():
    study = factories.study(levels=3, criteria=ProtocolSettings().criteria | {"N4": False})
    study.open()
    study.patient = study.dose()
    study.later(9)
    stop(study, related=True)

    assert patient(study).dlt == "none"


def test_a_schedule_of_words_alone_goes_by_the_totals():
    study = factories.study(levels=3).open()
    study.patient = study.dose()
    study.later(9)
    stop(study, related=True)
    assert patient(study).dlt == "none"

    study.event(study.patient, term="Fatigue", grade=2, doses_missed=True)
    study.take_doses(study.patient, taken=70)
    assert patient(study).dlt == "suspected"


@pytest.mark.parametrize("drugs", [[], ["aspirin"]])
def test_the_drugs_of_a_stop_are_those_of_the_trial(study, drugs):
    with pytest.raises(Refused) as refusal:
        stop(study, related=True, drugs=drugs)

    assert refusal.value.field == "drugs"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({"days": (1, 29), "times": 1}, "day 29 is after the 28 days of a cycle"),
        ({"days": (1, 8), "times": None}, "given together"),
        ({"days": (), "times": 2}, "given together"),
        ({"days": (1, 8), "times": 2, "per_cycle": 5}, "2 days, 2 times a day, are 4 doses a cycle, and 5 are given"),
    ],
)
def test_a_schedule_says_one_thing(schedule, words):
    study = factories.study(levels=3)

    with pytest.raises(Refused, match=words):
        amend(study, ladder(**schedule))


def test_a_dose_that_patients_were_treated_with_changes_in_nothing_but_that(study):
    with pytest.raises(Refused, match="patients were treated at it"):
        amend(study, ladder(**WEEKLY | {"days": (1, 8), "per_cycle": 2}))


def test_haematological_terms_are_of_the_catalogue():
    study = factories.study(levels=3)

    with pytest.raises(Refused, match="'Hemolisis' is none of CTCAE 5.0") as refusal:
        amend(study, ladder(), haematological=("Anemia", "Hemolisis"))
    assert refusal.value.field == "haematological"
    amend(study, ladder(), haematological=("Anemia", "Hemolysis"))
    assert study.situation().protocol.settings.haematological == ("Anemia", "Hemolysis")
