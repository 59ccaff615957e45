"""The versions of the consent form, the withdrawal of a consent, and what was done in spite of one."""

from django.conf import settings
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


class Covers(models.TextChoices):
    """Of what a patient withdraws; each goes with what stands before it."""

    TREATMENT = "treatment", "study treatment"
    VISITS = "visits", "study treatment, study visits and samples"
    CONTACT = "contact", "study treatment, study visits and samples, and all contact"


class Withdrawal(Audited):
    """A patient takes the consent to the trial back: of what, from which day on, and whether records may be asked."""

    slot = models.ForeignKey("patients.Slot", models.PROTECT, related_name="withdrawals")
    covers = models.CharField(max_length=20, choices=Covers.choices)
    on = models.DateField(help_text="From that day on; what happened on it or before it stays enterable.")
    public_records = models.BooleanField(help_text="Whether survival may still be read from public records.")
    gave_back = models.CharField(
        max_length=20,
        null=True,
        help_text="The state of the slot whose place it gave back; empty: it gave none. Null: not recorded.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "covers", "on"], condition=Q(voided=False), name="withdrawal_once_a_day"
            ),
            models.CheckConstraint(
                name="withdrawal_covers_is_known", condition=Q(covers__in=["treatment", "visits", "contact"])
            ),
        ]
        ordering = ["on"]


class Deviation(Audited):
    """What was done although the patient had withdrawn from it: a fact, with the investigator's reason.

    Of what was recorded before the withdrawal was, the reason is owed until the investigator gives it.
    """

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="deviations")
    fact = models.CharField(max_length=60, help_text="Which one: first dose, end of treatment, AE 12.")
    on = models.DateField(help_text="The day of the fact.")
    withdrawn_on = models.DateField(help_text="The day of the withdrawal that it follows.")
    reason = models.TextField(blank=True, help_text="Empty while the investigator owes it.")
    important = models.BooleanField(default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Who gave the reason."
    )
    found_late = models.BooleanField(
        null=True, help_text="Whether the fact was recorded before the withdrawal was. Null: it was recorded after it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "fact"], condition=Q(voided=False), name="deviation_one_of_a_fact"
            ),
            models.CheckConstraint(
                name="deviation_reason_is_somebodys",
                condition=Q(reason="", by=None, found_late=True) | (~Q(reason="") & Q(by__isnull=False)),
            ),
            models.CheckConstraint(name="deviation_after_withdrawal", condition=Q(on__gt=F("withdrawn_on"))),
        ]
        ordering = ["on"]

    @property
    def owed(self) -> bool:
        """Whether the investigator has not given the reason yet."""
        return not self.reason
