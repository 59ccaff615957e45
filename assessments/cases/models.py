"""A serious event as a case: what was news of it, what the authority was told, why a clock was not kept.

When the site became aware of the event, told the sponsor and when the sponsor received it stand on the event itself.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trial.models import Audited

from .clocks import Kind
from .standing import Standing


class CaseNews(Audited):
    """How a case stood from a moment on. The first is that the event is serious; the clocks go by the last.

    A row is written when what the clocks go by changes, and for each further report of the site.
    """

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="news")
    number = models.PositiveSmallIntegerField(help_text="1 the first; unique in the case, never reused.")
    since = models.DateTimeField(help_text="When it was recorded.")
    by_site = models.BooleanField(help_text="By the site; else by an assessment of the sponsor.")
    serious = models.BooleanField()
    fatal = models.BooleanField()
    life_threatening = models.BooleanField()
    unexpected = models.BooleanField()
    related_by_site = models.BooleanField(help_text="At least possibly; a missing answer counts as related.")
    related_by_sponsor = models.BooleanField(help_text="The same in the sponsor's view.")
    text = models.TextField(blank=True, help_text="What a follow-up report tells.")
    aware_at = models.DateTimeField(null=True, help_text="When the site became aware of it; of a follow-up report.")
    reported_at = models.DateTimeField(null=True, help_text="When the site told the sponsor; null: as it was recorded.")
    received_at = models.DateTimeField(null=True, help_text="When the sponsor received it; null: as it was told.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="casenews_number_unique_in_case"),
            models.CheckConstraint(
                name="casenews_instants_of_follow_ups_alone",
                condition=Q(aware_at=None, reported_at=None, received_at=None) | Q(number__gt=1, by_site=True),
            ),
            models.CheckConstraint(
                name="casenews_reported_after_aware",
                condition=Q(aware_at=None) | Q(reported_at=None) | Q(reported_at__gte=F("aware_at")),
            ),
            models.CheckConstraint(
                name="casenews_received_after_reported",
                condition=Q(received_at=None) | Q(reported_at=None) | Q(received_at__gte=F("reported_at")),
            ),
        ]
        ordering = ["number"]

    @property
    def code(self) -> str:
        return f"News {self.number}"

    @property
    def told_at(self) -> datetime:
        """When the sponsor was told: what is changed in the record is told by it."""
        return self.reported_at or self.since

    @property
    def standing(self) -> Standing:
        return Standing(**{name: getattr(self, name) for name in Standing.__annotations__})


class CaseSubmission(Audited):
    """A report of the case to the authority."""

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 …; unique in the case, never reused.")
    contains = models.PositiveSmallIntegerField(help_text="Number of the last news in it.")
    submitted_at = models.DateTimeField()
    complete = models.BooleanField(help_text="As complete as it can be: no other need follow.")
    reference = models.CharField(max_length=120, blank=True, help_text="Of the authority, or of the message.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="casesubmission_number_unique_in_case")]
        ordering = ["number"]

    @property
    def code(self) -> str:
        return f"Submission {self.number}"


class CaseLateness(Audited):
    """Why a clock of a case was not kept. kind, number: of the clock, and of the news that began it."""

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="lateness")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    number = models.PositiveSmallIntegerField()
    why = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "number"], name="caselateness_one_for_a_clock"),
            models.CheckConstraint(name="caselateness_is_said", condition=~Q(why="")),
        ]


class CaseDetails(Audited):
    """What the case report asks beside the record of the event."""

    class Sex(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other or not known"

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_APPLICABLE = "na", "Not applicable"

    event = models.OneToOneField("assessments.AdverseEvent", models.PROTECT, related_name="details")
    age = models.PositiveSmallIntegerField(null=True, help_text="In years, at the onset.")
    sex = models.CharField(max_length=10, choices=Sex.choices, blank=True)
    tests = models.TextField(blank=True, help_text="Relevant tests and laboratory data.")
    abated = models.CharField(max_length=3, choices=Answer.choices, blank=True)
    reappeared = models.CharField(max_length=3, choices=Answer.choices, blank=True)
    concomitant = models.TextField(blank=True, help_text="Other drugs with their dates.")
    medical_history = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="casedetails_age", condition=Q(age=None) | Q(age__range=(18, 120)))]
