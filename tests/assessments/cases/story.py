"""A serious event and what is done about it, by the verbs."""

from datetime import timedelta

from assessments.cases import queries, services
from assessments.events import services as events
from assessments.events import sponsor
from assessments.events.report import stored
from assessments.models import AdverseEvent
from tests import factories
from trial.models import Drug


def serious():
    """A stay in hospital that the site learned of at 9:00, not reported to the sponsor yet; it is noon."""
    made = factories.study().open()
    made.patient = made.dose()
    made.later(3)
    made.nine = made.now
    made.now += timedelta(hours=3)
    made.event_id = made.event(
        made.patient,
        term="Sepsis",
        serious=True,
        serious_criteria=["hospitalisation"],
        aware_on=made.today,
        aware_at=made.nine,
    ).pk
    return made


def event(study):
    return AdverseEvent.objects.get(pk=study.event_id)


def case(study):
    return queries.read(event(study))


def told(study):
    return {timed.clock.kind.value: timed.clock for timed in case(study).clocks}


def do(study, verb, by, **said):
    """One verb, at the study's time; the row as it stands then."""
    with study.at():
        row = verb(trial=study.trial.pk, event=study.event_id, by=by, **said)
    row.refresh_from_db()
    return row


def report(study, **said):
    return do(study, services.report_case, study.investigator, **({"at": study.now, "rev": event(study).rev} | said))


def receive(study, row=None, **said):
    of = {"follow_up": row.pk, "rev": row.rev} if row else {"rev": event(study).rev}
    return do(study, services.receive, study.medical_monitor, **({"at": study.now} | of | said))


def correct(study, **changed):
    row = AdverseEvent.objects.get(pk=study.event_id)
    said = {name: getattr(stored(row), name) for name in events.EventReport.__slots__} | changed
    with study.at():
        events.correct_event(
            trial=study.trial.pk, event=row.pk, report=events.EventReport(**said), rev=row.rev, reason="Learned since.",
            by=study.investigator,
        )  # fmt: skip


def assess(study, degree, expected):
    """The sponsor's answer: the same of each drug."""
    before = case(study).sponsor
    relations = {drug.pk: degree for drug in Drug.objects.filter(trial=study.trial)}
    said = sponsor.Assessed(relations=relations, expected=expected, because="As the brochure has it.")
    do(
        study, sponsor.assess_event, study.medical_monitor, said=said, rev=before.rev if before else 0,
        reason="Read again." if before else "",
    )  # fmt: skip
