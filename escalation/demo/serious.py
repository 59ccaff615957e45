"""The demo's two serious events: one fatal, whose clocks were kept, and one whose clock runs.

Made up, as all of it is. The site was late once and says why; the fatal one was submitted before it was assessed.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from assessments.cases import services, sponsor
from assessments.cases.models import CaseNews
from assessments.cases.services import Described, FollowUp
from assessments.cases.sponsor import Submitted
from assessments.event_words import Criterion, Degree, Graded, Outcome
from assessments.events import expected
from assessments.events import services as events
from assessments.events.report import EventReport, stored
from assessments.events.sponsor import Assessed, assess_event
from assessments.models import AdverseEvent
from patients.models import Patient
from trial import clock

from .stage import Stage

Steps = list[tuple[int, Callable[[], object]]]
VERSION = "IB 1.0 (demo)"
EXPECTED = {"Nausea": 3, "Fatigue": 3, "Platelet count decreased": 4, "Neutrophil count decreased": 4, "Anemia": 3}
LEARNED = 23  # days ago, of the fatal one: its onset a day before, the death a week later


def expect(stage: Stage) -> None:
    """The list of expected terms, in force from the first day on."""
    stage.does(expected.add_list, stage.people["monitor"], version=VERSION, in_force_on=stage.day, listed=EXPECTED)


class Case:
    """One serious event on the stage: who does what, when."""

    def __init__(self, stage: Stage, event: AdverseEvent) -> None:
        self.stage, self.event = stage, event
        self.patient: Patient = event.patient

    def site(self, verb: Callable[..., Any], **said: Any) -> Any:
        return self.stage.does(verb, self.stage.investigator_of(self.patient), event=self.event.pk, **said)

    def monitor(self, verb: Callable[..., Any], **said: Any) -> Any:
        return self.stage.does(verb, self.stage.people["monitor"], event=self.event.pk, **said)

    def report(self) -> None:
        """By the site, and received by the sponsor at once."""
        self.site(lambda **said: services.report_case(at=now(), rev=None, **said))
        self.monitor(lambda **said: services.receive(at=now(), rev=None, **said))

    def submit(self, contains: int, reference: str) -> None:
        self.monitor(
            lambda **said: sponsor.submit(
                said=Submitted(at=now(), contains=contains, complete=True, reference=reference), **said
            )
        )

    def assess(self, degrees: Iterable[str], comment: str) -> None:
        said = Assessed(
            relations=dict(zip((drug.pk for drug in self.stage.drugs), degrees, strict=True)), comment=comment
        )
        self.monitor(assess_event, said=said, rev=0)


def now() -> Any:
    return clock.now(simulated=True)


class Fatal:
    """Pneumonia weeks after treatment, in a patient who was on another therapy by then."""

    def __init__(self, stage: Stage, patient: Callable[[], Patient]) -> None:
        self.stage, self.patient = stage, patient
        self.case: Case

    def steps(self) -> Steps:
        return [
            (LEARNED, self._report),
            (LEARNED - 8, self._death),
            (LEARNED - 12, lambda: self.case.submit(2, "DEMO-2026-0001")),
            (LEARNED - 13, self._assess),
        ]

    def _report(self) -> None:
        day, unrelated = self.stage.day, {drug.pk: Degree.UNLIKELY.value for drug in self.stage.drugs}
        report = EventReport(
            term="Lung infection", grade=4, onset_on=day - timedelta(days=1), relations=unrelated,
            qualifiers={}, serious=True, serious_criteria=[Criterion.HOSPITALISATION.value],
            narrative="Demo: fever and dyspnoea at home, admitted the next morning, intensive care on the second day.",
            aware_on=day,
        )  # fmt: skip
        self.case = Case(self.stage, self.stage.report(self.patient(), report))
        self.case.report()
        details = Described(
            age=71, sex="male", tests="CT of the chest: consolidation of both lower lobes. Cultures negative.",
            abated="na", reappeared="na", concomitant="Carfilzomib and dexamethasone.",
            medical_history="Relapsed myeloma; smoker until 2019.",
        )  # fmt: skip
        self.case.site(services.describe, said=details, rev=0)

    def _death(self) -> None:
        """The day after the death: the event is fatal now, and the sponsor is told."""
        row = AdverseEvent.objects.prefetch_related("relations", "actions", "grades").get(pk=self.case.event.pk)
        was = stored(row)
        died = self.stage.day - timedelta(days=1)
        said = {name: getattr(was, name) for name in EventReport.__slots__} | {
            "grade": 5, "steps": [*was.history, Graded(died, 5)], "ended_on": died, "outcome": Outcome.FATAL.value,
            "serious_criteria": [*was.serious_criteria, Criterion.DEATH.value],
        }  # fmt: skip
        self.case.site(events.follow_event, report=EventReport(**said), rev=row.rev)
        news = CaseNews.objects.get(event=row, number=2)
        text = "Demo: died of respiratory failure. No autopsy."
        self.case.site(
            lambda **said: services.follow_up(
                follow_up=news.pk, said=FollowUp(text=text, aware_at=news.since - timedelta(hours=1)), rev=None, **said
            )
        )

    def _assess(self) -> None:
        self.case.assess([Degree.UNLIKELY] * 3, "Demo: eleven weeks after the last dose, on another therapy.")


def running(stage: Stage, event: Callable[[], AdverseEvent], told: int) -> Steps:
    """An admission that the site reported to the sponsor two days late; the sponsor's fifteen days run.

    told: how many days ago the event was recorded.
    """

    def report() -> None:
        case = Case(stage, event())
        case.report()
        case.site(
            sponsor.explain, kind="site", number=1, rev=0,
            why="Demo: the ward told the study team after the weekend; it now calls the study telephone.",
        )  # fmt: skip

    return [(told - 2, report)]
