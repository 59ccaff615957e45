"""What happened: adverse events, the readers' DLT verdicts, and the confirmation of evaluability."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from patients.models import Patient
from trial.dates import Partial
from trial.models import Audited, Drug

from . import event_words as words
from .event_words import Graded


class AdverseEvent(Audited):
    """One adverse event as reported: CTCAE term, grade and dates. Relations hang on it per drug."""

    number = models.PositiveIntegerField(help_text='People see "AE 14"; unique in the trial, never reused.')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="events")
    term = models.CharField(max_length=150)
    soc = models.CharField(max_length=120)
    specified = models.CharField(max_length=200, blank=True, help_text='The words after "Other, specify".')
    grade = models.PositiveSmallIntegerField(
        null=True, help_text="The worst of its history. Null: it waits for the investigator."
    )
    onset_on = models.DateField(help_text="Its earliest day, where the day is not known.")
    onset_known = models.CharField(
        max_length=5, null=True, help_text="month or year: how much of the onset is known. Null: the day."
    )
    ended_on = models.DateField(null=True, blank=True)
    lowest_value = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, help_text="Of the count, 10^9/L: criteria under CTCAE 6.0 go by it."
    )
    peak_value = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, help_text="Of the liver test, in `peak_unit`. Null: not recorded."
    )
    peak_unit = models.CharField(max_length=10, null=True)
    peak_uln = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, help_text="Upper limit of normal of that test, in the same unit."
    )
    unusual = models.CharField(max_length=300, null=True, help_text="Why an unlikely peak stands; null: it is none.")
    qualifiers = models.JSONField(default=dict, help_text="Answers that DLT criteria ask for: true, false or null.")
    round = models.PositiveSmallIntegerField(default=1, help_text="Of reading; a changed event is read again.")
    suspected = models.BooleanField(default=False, help_text="The investigator asks for DLT verdicts.")
    delays_cycle_2 = models.BooleanField(default=False, help_text="Cycle 2 is held for it: criterion N4 looks at it.")
    doses_missed = models.BooleanField(
        null=True, help_text="Doses of the window were missed for it: criterion N4 looks at it. Null: not asked yet."
    )
    serious = models.BooleanField(default=False)
    serious_criteria = models.JSONField(
        null=True, help_text="Why it is serious, of words.Criterion; empty: it is not. Null: from before it was asked."
    )
    outcome = models.CharField(
        max_length=20, choices=words.Outcome.choices, null=True, help_text="Null: not answered yet, or not asked then."
    )
    narrative = models.TextField(null=True, help_text="What happened, in the site's words. Never a name.")
    aware_on = models.DateField(null=True, blank=True)
    aware_at = models.DateTimeField(null=True, help_text="The moment of that day; null: only the day is known.")
    sent_at = models.DateTimeField(null=True, help_text="When the site told the sponsor; null: not yet.")
    received_at = models.DateTimeField(null=True, help_text="When the sponsor received it; null: not recorded.")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="event_number_unique_in_trial"),
            models.CheckConstraint(name="event_grade_1_to_5", condition=Q(grade__range=(1, 5))),
            models.CheckConstraint(
                name="event_onset_known_is_earliest_day",
                condition=Q(onset_known=None)
                | Q(onset_known="month", onset_on__day=1)
                | Q(onset_known="year", onset_on__day=1, onset_on__month=1),
            ),
            models.CheckConstraint(
                name="event_lowest_value_not_negative", condition=Q(lowest_value=None) | Q(lowest_value__gte=0)
            ),
            models.CheckConstraint(
                name="event_peak_whole",
                condition=Q(peak_value=None, peak_unit=None, peak_uln=None)
                | Q(peak_value__gt=0, peak_unit__isnull=False, peak_uln__gt=0),
            ),
            models.CheckConstraint(
                name="event_ends_after_onset", condition=Q(ended_on=None) | Q(ended_on__gte=F("onset_on"))
            ),
            models.CheckConstraint(
                name="event_serious_by_a_criterion",
                condition=Q(serious_criteria__isnull=True)
                | (Q(serious=True) & ~Q(serious_criteria=[]))
                | Q(serious=False, serious_criteria=[]),
            ),
            models.CheckConstraint(
                name="event_outcome_is_known", condition=Q(outcome=None) | Q(outcome__in=words.Outcome.values)
            ),
            models.CheckConstraint(
                name="event_over_has_its_end",
                condition=Q(outcome=None) | ~Q(outcome__in=words.OVER) | Q(ended_on__isnull=False),
            ),
            models.CheckConstraint(
                name="event_fatal_is_grade_5",
                condition=Q(outcome=None) | ~Q(outcome=words.Outcome.FATAL) | Q(grade=None) | Q(grade=5),
            ),
            models.CheckConstraint(
                name="event_aware_on_its_day", condition=Q(aware_at=None) | Q(aware_on__isnull=False)
            ),
            models.CheckConstraint(
                name="event_sent_after_aware",
                condition=Q(sent_at=None) | Q(aware_at=None) | Q(sent_at__gte=F("aware_at")),
            ),
            models.CheckConstraint(
                name="event_received_after_sent",
                condition=Q(received_at=None) | Q(sent_at=None) | Q(received_at__gte=F("sent_at")),
            ),
        ]
        ordering = ["number"]

    @property
    def code(self) -> str:
        return f"AE {self.number}"

    @property
    def onset(self) -> Partial:
        """As much of it as is known."""
        return Partial(self.onset_on, self.onset_known)

    @property
    def peak_times(self) -> Decimal | None:
        """The peak as a multiple of the upper limit of normal."""
        return self.peak_value / self.peak_uln if self.peak_value and self.peak_uln else None

    @property
    def graded(self) -> str:
        return f"grade {self.grade}" if self.grade else "grade not given yet"

    @property
    def history(self) -> list[Graded]:
        """Its grades from the onset on; of an event that has one grade that one."""
        stored = [Graded(row.on, row.grade) for row in self.grades.all() if not row.voided]
        return stored or [Graded(self.onset_on, self.grade)]

    @property
    def ungraded(self) -> bool:
        """Whether a grade of it waits for the investigator."""
        return any(step.grade is None for step in self.history)

    @property
    def title(self) -> str:
        return f"{self.term}: {self.specified}" if self.specified else self.term


class Relation(Audited):
    """How an event is related to one drug; a missing row is a missing answer."""

    Degree = words.Degree

    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="relations")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    degree = models.CharField(max_length=20, choices=Degree.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "drug"], name="relation_one_per_drug")]
        ordering = ["drug__position"]


class DltVerdict(Audited):
    """One reader's answer: a DLT or not. First, second and third reader are different people."""

    INSERT_ONLY = True

    class Reader(models.TextChoices):
        FIRST = "first", "Investigator"
        SECOND = "second", "Second reader"
        THIRD = "third", "Third reader"

    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="verdicts")
    round = models.PositiveSmallIntegerField(default=1, help_text="A changed event is read again in a new round.")
    reader = models.CharField(max_length=10, choices=Reader.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_dlt = models.BooleanField()
    criterion = models.CharField(max_length=4, blank=True)
    reason = models.TextField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "round", "reader"], name="verdict_one_per_reader"),
            models.UniqueConstraint(fields=["event", "round", "by"], name="verdict_readers_are_different_people"),
        ]
        ordering = ["round", "given_at"]


class Evaluability(Audited):
    """The investigator's confirmation of what was derived: no DLT and evaluable, or not evaluable."""

    class State(models.TextChoices):
        COMPLETED = "completed", "No DLT, evaluable"
        NOT_EVALUABLE = "not_evaluable", "Not evaluable, to be replaced"

    class Missed(models.TextChoices):
        """Why a patient took too little: what related toxicity missed is a DLT criterion, not a replacement."""

        TOXICITY = "toxicity", "Related toxicity"
        OTHER = "other", "Another cause"

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="evaluability")
    state = models.CharField(max_length=20, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_on = models.DateField()
    missed_because = models.CharField(
        max_length=20, choices=Missed.choices, null=True, help_text="Why doses are short; null when they are not."
    )
    simulated = models.BooleanField(default=False, help_text="Confirmed without dosing, in a simulated trial only.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evaluability_missed_because_known",
                condition=Q(missed_because=None) | Q(missed_because__in=["toxicity", "other"]),
            )
        ]


# The subjects with models of their own; Django finds them here.
from .biomarker.models import Assay, Control, CutOff, Sample  # noqa: E402, F401  they import nothing from above
from .cases.models import CaseDetails, CaseLateness, CaseNews, CaseSubmission  # noqa: E402, F401
from .endpoints.models import EndpointRun, RunRequest  # noqa: E402, F401
from .events.models import ActionTaken, EventGrade, SafetyReference, SponsorAssessment, SponsorRelation  # noqa: E402, F401
from .response.models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement, QuestionAnswered  # noqa: E402, F401
