"""The versions of the consent form, as the trial put them in use."""

from django.db import models
from django.db.models import F, Q

from trial.models import Audited

KINDS = [("trial", "trial"), ("biomarker", "sBCMA sub-study")]


class ConsentVersion(Audited):
    """One version of the consent form of the trial, or of the sub-study, with the day from which it is signed."""

    kind = models.CharField(max_length=20, choices=KINDS, default="trial")
    version = models.CharField(max_length=40, help_text="As printed on the form.")
    valid_from = models.DateField(help_text="The first day on which it may be signed.")
    reconsent_by = models.DateField(
        null=True,
        blank=True,
        help_text="The day by which who signed an earlier version signs this one; empty: they are not asked.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "kind", "version"], condition=Q(voided=False), name="consentversion_once_in_trial"
            ),
            models.UniqueConstraint(
                fields=["trial", "kind", "valid_from"], condition=Q(voided=False), name="consentversion_one_a_day"
            ),
            models.CheckConstraint(
                name="consentversion_asked_after_valid",
                condition=Q(reconsent_by=None) | Q(reconsent_by__gte=F("valid_from")),
            ),
        ]
        ordering = ["kind", "valid_from"]
