"""What is said of an event beside its term: its grades over time, what was done about each drug, the sponsor's view.

The sponsor's answers are rows of their own: nothing that the sponsor says can replace a word of the investigator.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models import Audited, Drug

from ..event_words import Action, Degree


class EventGrade(Audited):
    """From this day on the event had this grade. Kept once there is more than one; the first is of the onset.

    A grade that is null waits for the investigator: the event got worse, as the site's coordinator saw it.
    """

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="grades")
    on = models.DateField()
    grade = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "on"], name="eventgrade_one_a_day"),
            models.CheckConstraint(name="eventgrade_1_to_5", condition=Q(grade=None) | Q(grade__range=(1, 5))),
        ]
        ordering = ["on"]


class ActionTaken(Audited):
    """What was done about one drug because of the event; a missing row is a missing answer."""

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="actions")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "drug"], name="actiontaken_one_per_drug"),
            models.CheckConstraint(name="actiontaken_is_known", condition=Q(action__in=Action.values)),
        ]
        ordering = ["drug__position"]


class SponsorAssessment(Audited):
    """The medical monitor's assessment of an event. Without one the sponsor has not answered."""

    event = models.OneToOneField("assessments.AdverseEvent", models.PROTECT, related_name="sponsor")
    expected = models.BooleanField(
        null=True, help_text="What the sponsor says against the list of expected terms; null: as the list has it."
    )
    because = models.TextField(blank=True, help_text="Why the list is overruled.")
    comment = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sponsorassessment_overrules_with_reason", condition=Q(expected=None) | ~Q(because="")
            )
        ]


class SponsorRelation(Audited):
    """How the sponsor judges the relation to one drug, beside the investigator's; a missing row is a missing answer."""

    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, related_name="sponsor_relations")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    degree = models.CharField(max_length=20, choices=Degree.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "drug"], name="sponsorrelation_one_per_drug"),
            models.CheckConstraint(name="sponsorrelation_is_known", condition=Q(degree__in=Degree.values)),
        ]
        ordering = ["drug__position"]


class SafetyReference(Audited):
    """A version of the reference safety information: the terms that are expected, in force from a day on."""

    version = models.CharField(max_length=40)
    in_force_on = models.DateField()
    terms = models.JSONField(help_text="CTCAE terms, each with the highest grade that is expected, or null for any.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "version"], condition=Q(voided=False), name="safetyreference_version_once"
            ),
            models.UniqueConstraint(
                fields=["trial", "in_force_on"], condition=Q(voided=False), name="safetyreference_one_a_day"
            ),
        ]
        ordering = ["-in_force_on"]
