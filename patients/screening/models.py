"""Everybody who was screened: a number, a site, a day and how it ended. Never a name."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from trial.models import Audited


class Screening(Audited):
    """One screening. Its number is the trial's for good: who is screened again gets a new one that names the old."""

    class Outcome(models.TextChoices):
        ENROLLED = "enrolled", "enrolled"
        FAILURE = "failure", "screen failure"
        DECLINED = "declined", "declined"
        NO_SLOT = "no_slot", "no slot"

    number = models.CharField(max_length=40, help_text="As the site gives it; never a name.")
    site = models.ForeignKey("trial.Site", models.PROTECT, related_name="+")
    on = models.DateField(help_text="The day of the screening.")
    again_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="again", help_text="The same person's screening before."
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, help_text="Empty: still open.")
    criterion = models.ForeignKey(
        "trial.EligibilityCriterion", models.PROTECT, null=True, related_name="+", help_text="Failed, of a failure."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("trial", Upper("number"), name="screening_number_once_for_good"),
            models.UniqueConstraint(
                fields=["again_of"], condition=Q(voided=False, again_of__isnull=False), name="screening_again_once"
            ),
            models.CheckConstraint(
                name="screening_failure_names_criterion",
                condition=Q(outcome="failure", criterion__isnull=False)
                | (~Q(outcome="failure") & Q(criterion__isnull=True)),
            ),
            models.CheckConstraint(
                name="screening_outcome_is_known",
                condition=Q(outcome__in=["", "enrolled", "failure", "declined", "no_slot"]),
            ),
        ]
        ordering = ["number"]
