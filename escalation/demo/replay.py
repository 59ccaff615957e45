"""A published trial played patient by patient through the services, under the simulated clock.

The committee signs what the rule recommends as long as the publication went the same way. It ends with the published
conclusion, or where the two part: nothing is done that the rule does not allow.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils.text import slugify

from assessments.events.services import EventReport
from patients.models import Patient
from trial import queries as ground
from trial.models import Membership, Trial, User
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused
from trial.services import Level

from ..engine import rule as engine
from ..engine import terms
from ..engine.terms import Action
from ..situation import queries
from ..situation.situation import Situation
from . import cast
from .published import Cohort, Published
from .stage import SIMULATED, Stage, people

NOT_STATED = "not stated in the publication"
TERM = "Investigations - Other, specify"
ONSET_DAY = 15  # of a DLT: the middle of the window
CONCLUSION = {
    Action.MTD: "mtd",
    Action.TOP_TOLERATED: "mtd_not_reached",
    Action.NONE_TOLERATED: "none_tolerated",
}
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it. `parted` is empty when rule and publication agree to the end."""

    trial: Trial
    parted: str


def cast_of_replays() -> dict[str, User]:
    """The demo's people where there is a demo, else people as whom nobody can sign in."""
    domain = cast.DEMO if ground.account(cast.CAST[0].email(cast.DEMO)) else cast.REPLAY
    return people(domain, secrets.token_urlsafe(32), cast.MEMBERS)


def code_of(published: Published) -> str:
    """The trial code of a replay: the first drug's name."""
    return f"replay-{slugify(published.drugs[0].split()[0])[:25] or 'trial'}"


def existing(published: Published, domain: str = "") -> list[Trial]:
    """Earlier replays of this publication, of all or of those played by the people of `domain`."""
    found = Trial.objects.filter(simulated=True, code__startswith="replay-", title=published.title).order_by("pk")
    if domain:
        found = found.filter(pk__in=Membership.objects.filter(user__email=cast.CAST[0].email(domain)).values("trial"))
    return list(found)


def play(
    published: Published,
    people: Mapping[str, User],
    *,
    variant: str = "D6",
    again: bool = False,
    say: Say = lambda line: None,
) -> Played:
    """Play one published trial to its end, or to the step at which the rule and the publication part.

    Raises Refused when it was played before, unless `again`. All of it is stored, or nothing.
    """
    if (before := existing(published)) and not again:
        raise Refused(f"It was replayed before, as trial {before[-1].code}. Give --again to replay it once more.")
    with transaction.atomic():
        return _Replay(published, people, variant, say).run()


class _Replay:
    def __init__(self, published: Published, people: Mapping[str, User], variant: str, say: Say) -> None:
        self.published = published
        self.settings = ProtocolSettings(variant=variant, start=published.start, response_rules="none")
        self.say = say
        played = rehearse(published, self.settings)
        self.days = 1 + self.settings.window_days  # of a cohort: doses on the day after the decision
        first = datetime.now(UTC).date() - timedelta(days=played * self.days)
        self.stage = Stage(people, first)

    def run(self) -> Played:
        self._set_up()
        total = len(self.published.cohorts)
        for step, cohort in enumerate(self.published.cohorts, 1):
            label = self.published.levels[cohort.level - 1]
            name = f"Step {step} of {total}, {cohort.n} at level {cohort.level} ({label})"
            here = self.stage.situation()
            if parted := parting(here.advice, self.published, cohort):
                return self._end(f"{name}: {parted}")
            self.say(f"\n{name}")
            try:
                if here.decision_due:
                    self._decide(here)
                self._treat(cohort)
            except Refused as refusal:
                return self._end(f"{name}: the rule does not allow it: {refusal}")
        here = self.stage.situation()
        if parted := parting(here.advice, self.published, None):
            return self._end(f"Conclusion, after step {total}: {parted}")
        self.say("\nConclusion")
        self._decide(here)
        self.say(f"  Published: {_wording(self.published)}. The rule and the publication agree.")
        return self._end("")

    def _set_up(self) -> None:
        published, stage = self.published, self.stage
        code = _free_code(code_of(published))
        stage.set_up(
            code=code,
            title=published.title,
            disease=published.disease,
            label=f"Replay of: {published.source}"[:250],
            levels=[Level(label) for label in published.levels],
            drugs=published.drugs,
            criteria=["Eligible as the publication says"],
            settings=self.settings,
            site_name="Simulated site",
        )
        self.say(published.title)
        self.say(f"  Source: {published.source}")
        self.say(f"  Published: {_wording(published)}")
        self.say(
            f"  Played as trial {code} from {_day(stage.day)}, variant {self.settings.variant}, "
            f"DLT window {self.settings.window_days} days. People, sites and dates are simulated."
        )

    def _decide(self, here: Situation) -> None:
        decision = self.stage.sign(here)
        says = decision.recommendation["because"]
        self.say(
            f"  {_day(self.stage.day)}  decision {decision.number}: {says} "
            f"Signed by {self.stage.people['dsmb'].name} and {self.stage.people['monitor'].name} (proof: {SIMULATED})"
        )

    def _treat(self, cohort: Cohort) -> None:
        """Everybody starts on the next day; the DLTs are the last ones', as the publication does not tell whose."""
        stage = self.stage
        start = stage.day + timedelta(days=1)
        stage.go_to(start)
        treated = [self._start(("01", "02")[k % 2]) for k in range(cohort.n)]
        clean = treated[: cohort.n - cohort.dlts]
        for patient in treated[len(clean) :]:
            stage.go_to(start + timedelta(days=ONSET_DAY - 1))
            self._dlt(patient)
        stage.go_to(start + timedelta(days=self.settings.window_days))
        for patient in clean:
            stage.confirm(patient)
            self.say(f"  {_day(stage.day)}  patient {patient.code}: no DLT, evaluability confirmed without dosing")

    def _start(self, site: str) -> Patient:
        patient = self.stage.enrol(self.stage.slot(site), consent=NOT_STATED)
        self.stage.dose(patient)
        self.say(f"  {_day(self.stage.day)}  patient {patient.code}, site {site}: slot, consent, enrolled, first dose")
        return patient

    def _dlt(self, patient: Patient) -> None:
        stage = self.stage
        report = EventReport(
            term=TERM,
            specified=NOT_STATED,
            grade=3,
            onset_on=stage.day,
            relations={drug.pk: "possible" for drug in stage.drugs},
            qualifiers={},
            suspected=True,
            aware_on=stage.day,
        )
        event = stage.report(patient, report)
        reason = "A DLT in the publication."
        stage.verdict(event, stage.investigator_of(patient), criterion="N1", reason=reason)
        stage.verdict(event, stage.people["monitor"], criterion="N1", reason=reason)
        self.say(
            f"  {_day(stage.day)}  patient {patient.code}: DLT, {event.code} {event.title}, grade 3, related; "
            "two readers agree"
        )

    def _end(self, parted: str) -> Played:
        if parted:
            self.say(f"\nThe rule and the publication part. {parted}")
        self.stage.end()
        return Played(self.stage.trial, parted)


def parting(advice: terms.Recommendation, published: Published, cohort: Cohort | None) -> str:
    """Where the rule goes another way than the publication, in a sentence; "" where they agree.

    cohort: what the publication did next, None when it ended.
    """
    rule = f"the rule says: {advice.because}"
    if cohort is None:
        if advice.action not in CONCLUSION:
            return f"the publication ends ({_wording(published)}), {rule}"
        level = advice.level if advice.action is Action.MTD else None
        if (CONCLUSION[advice.action], level) != (published.outcome, published.mtd_level):
            return f"the publication concludes {_wording(published)}, {rule}"
        return ""
    if advice.action in CONCLUSION or advice.action is Action.WAIT or advice.level != cohort.level:
        return f"the publication treats {cohort.n} at level {cohort.level}, {rule}"
    if cohort.n > advice.slots:
        return f"the publication treats {cohort.n}, the rule gives {advice.slots} places; {rule}"
    return ""


def rehearse(published: Published, settings: ProtocolSettings) -> int:
    """How many cohorts will be played, by the counts alone: the days that the trial takes follow from it."""
    done: list[terms.Patient] = []
    for played, cohort in enumerate(published.cohorts):
        advice = engine.recommend(
            done, levels=len(published.levels), rule=queries.rule_of(settings), start=settings.start
        )
        if parting(advice, published, cohort):
            return played
        outcomes = [terms.Outcome.NO_DLT] * (cohort.n - cohort.dlts) + [terms.Outcome.DLT] * cohort.dlts
        done += [terms.Patient(cohort.level, outcome) for outcome in outcomes]
    return len(published.cohorts)


def _wording(published: Published) -> str:
    """The published conclusion, as coded and as worded."""
    coded = {
        "mtd": f"level {published.mtd_level} is the MTD",
        "mtd_not_reached": "the top level is tolerated, the MTD is not reached",
        "none_tolerated": "no level is tolerated",
    }[published.outcome]
    return f"{coded} (“{published.wording}”)" if published.wording else coded


def _free_code(code: str) -> str:
    taken = set(Trial.objects.filter(code__startswith=code).values_list("code", flat=True))
    tries: Sequence[str] = [code, *(f"{code}-{k}" for k in range(2, len(taken) + 2))]
    return next(tried for tried in tries if tried not in taken)


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
