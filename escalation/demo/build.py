"""The demo's study: that of docs/study-record.txt on an illustrative ladder, in mid-course.

All of it goes through the services. People, patients, events and dates are made up; every page says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from assessments.biomarker.models import Assay
from assessments.dlt.names import HYS_LAW
from assessments.event_words import Graded, Outcome
from assessments.events.services import EventReport
from assessments.models import AdverseEvent, Evaluability
from assessments.response.models import DiseaseAssessment
from patients.follow_up.services import Followed
from patients.models import Consent, Patient, Slot
from trial.models import User

from ..models import Meeting
from . import biomarker as sbcma
from . import serious, study
from .biomarker import BIOMARKERS, Biomarker
from .disease import DISEASES, Disease, Follow, Visit, answers
from .doses import Changed
from .grades import WENT, Went
from .stage import Stage

CODE = "demo-srm"
CONSENT = "1.0 (demo)"


@dataclass(frozen=True, slots=True)
class Event:
    """An adverse event of the story. criterion: its readers call it a DLT by that one."""

    day: int  # of onset; day 1 is the first dose
    term: str
    grade: int
    relations: tuple[str, str, str]
    end: int | None = None
    qualifiers: tuple[tuple[str, bool], ...] = ()
    criterion: str = ""
    readers: int = 0  # who have given their verdict
    serious: tuple[str, ...] = ()  # why

    @property
    def told(self) -> int:
        """The day of the report: two days after the onset, or when it has ended."""
        return max(self.day + 2, self.end or 0)


@dataclass(frozen=True, slots=True)
class Story:
    """A patient: at which site, first dose how many days ago, and what happened."""

    site: str
    ago: int
    events: tuple[Event, ...] = ()
    stopped: tuple[int, str] | None = None  # day, reason
    doses: tuple[Changed, ...] = ()  # that did not go as planned
    replaced: bool = False


PLATELETS = Event(
    16, "Platelet count decreased", 4, ("probable", "possible", "unrelated"), end=18, criterion="H3", readers=2
)
HYPONATREMIA = Event(
    11,
    "Hyponatremia",
    3,
    ("probable", "unlikely", "unlikely"),
    qualifiers=(("asymptomatic", False), ("corrected_within_72h", False)),
    criterion="N1",
    readers=1,  # the medical monitor reads next
    serious=("hospitalisation",),
)
SLIGHT = ("possible", "unlikely", "unrelated")
ANSWERED = tuple(zip(HYS_LAW, (True, False, True, False), strict=True))
LIVER = (  # after the window; their peaks stand in grades.WENT
    Event(74, "Alanine aminotransferase increased", 2, SLIGHT, end=82, qualifiers=ANSWERED),
    Event(75, "Blood bilirubin increased", 1, SLIGHT, end=82, qualifiers=ANSWERED),
)
PATIENTS = (
    Story("01", 160, (Event(4, "Nausea", 2, ("probable", "unlikely", "unrelated"), end=9),)),
    Story("02", 157, doses=(Changed(1, "ruxolitinib", 11, 11, "missed"),)),
    Story("01", 154, (Event(8, "Hyperglycemia", 2, ("unrelated", "unrelated", "definite"), end=20),)),
    Story(
        "01",
        122,
        (Event(10, "Fatigue", 2, ("probable", "possible", "unrelated"), end=24),),
        doses=(
            Changed(1, "ruxolitinib", 12, 13, "missed"),
            Changed(1, "methylprednisolone", 15, 15, "missed"),
            Changed(2, "selinexor", 1, 28, "reduced", 20, event=True),
        ),
    ),
    Story("02", 119, (PLATELETS,), stopped=(17, "DLT: platelets grade 4")),
    Story(
        "01",
        117,
        (Event(15, "Anemia", 2, ("possible", "probable", "unrelated"), end=28),),
        doses=(Changed(1, "ruxolitinib", 20, 24, "held", event=True),),
    ),
    Story("02", 84, LIVER),
    Story("01", 82, stopped=(10, "Moved away; travel to the site no longer possible"), replaced=True),
    Story(
        "02",
        79,
        (Event(6, "Diarrhea", 1, ("possible", "unlikely", "unrelated"), end=8),),
        doses=(Changed(1, "ruxolitinib", 7, 7, "missed", 15),),
    ),
    Story("01", 58, (Event(18, "Neutrophil count decreased", 3, ("possible", "probable", "unrelated"), end=24),)),
    Story("01", 20, (Event(5, "Nausea", 1, ("probable", "unrelated", "unrelated"), end=10),)),
    Story("02", 16, (HYPONATREMIA,)),
    Story("01", 11),
)
DIED, ADMITTED = 4, 11  # who had the serious events
DECISIONS = (165, 125, 86)  # days ago: level 1, level 2, its expansion
CALLED, MET = 29, 24  # days ago: the meeting that opened level 3
VOTES = (  # member, outcome, reason
    ("dsmb", "escalate", "1/6 at level 2: one thrombocytopenia that recovered within two days."),
    ("dsmb2", "hold", "The platelets fell in the third week; I would see the second cycle of all six first."),
    ("dsmb3", "escalate", "The DLT is of the expected kind and was reversible; the rule is met."),
)
NEXT = (1, -17, -19)  # days ago, so the last two are to come: called, cut-off after the last window, meeting
WAITING = ("02", 1)  # a site asks for the next place


def play(persons: Mapping[str, User]) -> None:
    """The study from its protocol to today, through the services."""
    _Study(Stage(persons, _ago(DECISIONS[0] + 5))).run()


class _Study:
    """The story as dated steps, in order of date."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.slots: dict[Story, Slot] = {}
        self.patients: dict[Story, Patient] = {}
        self.events: dict[tuple[Story, Event], AdverseEvent] = {}
        self.assessed: dict[tuple[Story, Visit], DiseaseAssessment] = {}
        self.followed: dict[Story, Followed] = {}
        self.assay: Assay
        self.sampled: dict[Story, Consent] = {}
        self.meeting: Meeting

    def run(self) -> None:
        stage = self.stage
        stage.set_up(
            code=CODE,
            levels=study.ladder(),
            drugs=study.DRUGS,
            criteria=study.CRITERIA,
            settings=study.SETTINGS,
            site_name="Demo site",
            country="Demo country",
            **study.TRIAL,
        )
        steps: list[tuple[int, Callable[[], object]]] = [(ago, stage.sign) for ago in DECISIONS]
        steps += [(DECISIONS[0], self._define_assay), (DECISIONS[0], partial(serious.expect, stage))]
        called, cut_off, meets_on = NEXT
        steps += [
            (CALLED, self._call),
            (MET, self._meet),
            (called, partial(stage.call, _ago(cut_off), _ago(meets_on))),
        ]
        for story, disease, biomarker in zip(PATIENTS, DISEASES, BIOMARKERS, strict=True):
            steps += self._steps(story)
            steps += self._disease(story, disease)
            steps += self._cycles(story, disease.stopped)
            if biomarker:
                steps += self._biomarker(story, biomarker)
        steps += serious.Fatal(stage, lambda: self.patients[PATIENTS[DIED]]).steps()
        admitted = PATIENTS[ADMITTED]
        told = admitted.ago - HYPONATREMIA.told + 1
        steps += serious.running(stage, lambda: self.events[admitted, HYPONATREMIA], told)
        site, ago = WAITING
        steps.append((ago, partial(stage.slot, site, wait=True)))
        for ago, step in sorted(steps, key=lambda dated: -dated[0]):
            stage.go_to(_ago(ago))
            step()
        stage.end()

    def _steps(self, story: Story) -> list[tuple[int, Callable[[], object]]]:
        """What happens to one patient: how many days ago, and what."""

        def on(day: int) -> int:
            return story.ago - day + 1

        steps: list[tuple[int, Callable[[], object]]] = [
            (on(-1), partial(self._ask, story)),
            (on(1), partial(self._start, story)),
        ]
        for event in story.events:
            steps.append((on(event.told), partial(self._report, story, event)))
            for reader in range(event.readers):
                steps.append((on(event.told + 1 + reader), partial(self._read, story, event, reader)))
        if story.stopped:
            day, reason = story.stopped
            steps.append((on(day), partial(self._stop, story, reason)))
        over = study.SETTINGS.window_days + 1
        if story.replaced:
            steps.append((on(story.stopped[0] + 3 if story.stopped else over), partial(self._finish, story)))
        elif on(over) >= 0:
            steps.append((on(over), partial(self._finish, story)))
        return steps

    def _disease(self, story: Story, disease: Disease) -> list[tuple[int, Callable[[], object]]]:
        """What was measured, judged and followed: how many days ago, and what."""

        def on(day: int) -> int:
            return story.ago - day + 1

        steps: list[tuple[int, Callable[[], object]]] = []
        for visit in disease.visits:
            steps.append((on(visit.day), partial(self._assess, story, visit)))
            if visit.said:
                steps.append((on(visit.day + 2), partial(self._judge, story, visit)))
        if disease.stopped:
            steps.append((on(disease.stopped), partial(self._stop, story, "Progression")))
        steps += [(on(follow.day), partial(self._follow, story, follow)) for follow in disease.follow]
        return steps

    def _cycles(self, story: Story, stopped: int) -> list[tuple[int, Callable[[], object]]]:
        """From the second on: each begins when the one before is over, whose doses are recorded on that day."""
        length, steps = study.SETTINGS.cycle_days, list[tuple[int, Callable[[], object]]]()
        if story.stopped:
            return steps
        for cycle in range(2, 100):
            over = cycle * length + 1
            end = stopped + 2 if stopped and stopped < over else over
            if story.ago < end - 1:
                return steps
            steps.append((story.ago - end + 1, partial(self._take, story, cycle)))
            if end != over:
                return steps
            steps.append((story.ago - over + 1, partial(self._begin, story, cycle + 1)))
        return steps

    def _take(self, story: Story, cycle: int) -> None:
        event = self.events.get((story, story.events[0])) if story.events else None
        self.stage.take(self.patients[story], cycle, story.doses, study.PLANNED, event)

    def _begin(self, story: Story, cycle: int) -> None:
        self.stage.begin_cycle(self.patients[story], cycle)

    def _biomarker(self, story: Story, biomarker: Biomarker) -> list[tuple[int, Callable[[], object]]]:
        """What was consented to and sampled: how many days ago, and what."""
        steps: list[tuple[int, Callable[[], object]]] = [(story.ago, partial(self._consent, story))]
        steps += [(story.ago - day + 1, partial(self._sample, story, said)) for day, said in biomarker.samples]
        if biomarker.withdrawn:
            steps.append((story.ago - biomarker.withdrawn + 1, partial(self._withdraw, story)))
        return steps

    def _define_assay(self) -> None:
        self.assay = self.stage.define_assay(
            name=sbcma.ASSAY,
            lower_limit=sbcma.LOWER_LIMIT,
            normal_below=sbcma.NORMAL_BELOW,
            source=sbcma.NORMAL_SOURCE,
            high=(sbcma.HIGH, sbcma.HIGH_SOURCE),
            controls=sbcma.controls(),
            controls_lot=sbcma.CONTROLS_LOT,
            controls_source=sbcma.CONTROLS_SOURCE,
        )

    def _consent(self, story: Story) -> None:
        self.sampled[story] = self.stage.consent_to_biomarker(self.patients[story], sbcma.CONSENT)

    def _sample(self, story: Story, said: str) -> None:
        self.stage.sample(self.patients[story], sbcma.reading(self.assay, said), sbcma.TAKEN_AT)

    def _withdraw(self, story: Story) -> None:
        self.stage.withdraw(self.patients[story], self.sampled[story], "Withdrew from the sub-study on moving away")

    def _assess(self, story: Story, visit: Visit) -> None:
        told = answers(visit.measured, self.stage.day)
        self.assessed[story, visit] = self.stage.assess(self.patients[story], told)

    def _judge(self, story: Story, visit: Visit) -> None:
        self.stage.judge(self.assessed[story, visit], visit.said)

    def _follow(self, story: Story, follow: Follow) -> None:
        day, known = self.stage.day, self.followed.get(story, Followed())
        if follow.therapy:
            known = replace(known, new_therapy_on=day, new_therapy=follow.therapy)
        if follow.death:
            known = replace(known, died_on=day, death_cause=follow.death)
        self.followed[story] = known = replace(known, last_contact_on=day)
        self.stage.follow(self.patients[story], known)

    def _call(self) -> None:
        self.meeting = self.stage.call(cut_off=_ago(MET), meets_on=_ago(MET))

    def _meet(self) -> None:
        """The cut, three votes of which one dissents, and the decision that the others carry."""
        stage = self.stage
        cut, here = stage.freeze(self.meeting), stage.situation()
        for member, outcome, reason in VOTES:
            stage.vote(cut, member, outcome, here.advice.level if outcome == here.recommended else None, reason)
        stage.sign(cut=cut)

    def _ask(self, story: Story) -> None:
        self.slots[story] = self.stage.slot(story.site)

    def _start(self, story: Story) -> None:
        self.patients[story] = self.stage.enrol(self.slots[story], consent=CONSENT)
        self.stage.dose(self.patients[story])

    def _report(self, story: Story, event: Event) -> None:
        first_dose, drugs = _ago(story.ago), [drug.pk for drug in self.stage.drugs]
        went = WENT.get((event.day, event.term), Went())
        report = EventReport(
            term=event.term,
            grade=event.grade,
            steps=[Graded(first_dose + timedelta(days=day - 1), grade) for day, grade in went.grades],
            outcome=(Outcome.RECOVERED if event.end else Outcome.NOT_RECOVERED).value,
            actions=dict(zip(drugs, went.actions, strict=True)),
            onset_on=first_dose + timedelta(days=event.day - 1),
            ended_on=first_dose + timedelta(days=event.end - 1) if event.end else None,
            relations=dict(zip(drugs, event.relations, strict=True)),
            qualifiers=dict(event.qualifiers),
            **went.peak,
            suspected=bool(event.criterion),
            serious=bool(event.serious),
            serious_criteria=event.serious,
            aware_on=self.stage.day,
        )
        self.events[story, event] = self.stage.report(self.patients[story], report)

    def _read(self, story: Story, event: Event, reader: int) -> None:
        patient = self.patients[story]
        by = (self.stage.investigator_of(patient), self.stage.people["monitor"])[reader]
        self.stage.verdict(
            self.events[story, event],
            by,
            criterion=event.criterion,
            reason=f"{event.term}, grade {event.grade}, on day {event.day}, related to selinexor.",
        )

    def _stop(self, story: Story, reason: str) -> None:
        dlt = any(event.criterion for event in story.events)
        self.stage.stop(self.patients[story], reason, related=dlt and reason != "Progression")

    def _finish(self, story: Story) -> None:
        """The window is over, or the patient left it: doses, and what the investigator confirms."""
        patient = self.patients[story]
        self._take(story, 1)
        if not story.stopped:
            self._begin(story, 2)
        if story.replaced:
            self.stage.confirm(patient, Evaluability.State.NOT_EVALUABLE, Evaluability.Missed.OTHER)
        elif not any(event.criterion for event in story.events):
            self.stage.confirm(patient)


def _ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)
