"""What is followed after the first dose, also when treatment has stopped: contact, other therapy, death."""

from django.db import models
from django.db.models import F, Q

from trial.models import Audited


class FollowUp(Audited):
    """The follow-up of one patient as it stands; the ledger keeps every earlier state of the row."""

    class Cause(models.TextChoices):
        PROGRESSION = "progression", "Progression of myeloma"
        OTHER = "other", "Another cause"
        UNKNOWN = "unknown", "Unknown"

    patient = models.OneToOneField("patients.Patient", models.PROTECT, related_name="follow_up")
    last_contact_on = models.DateField(null=True, blank=True, help_text="The last day known to be alive.")
    new_therapy_on = models.DateField(null=True, blank=True, help_text="First day of another anti-myeloma therapy.")
    new_therapy = models.CharField(max_length=200, blank=True)
    died_on = models.DateField(null=True, blank=True)
    death_cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="followup_death_has_cause",
                condition=Q(died_on=None, death_cause="") | (Q(died_on__isnull=False) & ~Q(death_cause="")),
            ),
            models.CheckConstraint(
                name="followup_therapy_has_name",
                condition=Q(new_therapy_on=None, new_therapy="")
                | (Q(new_therapy_on__isnull=False) & ~Q(new_therapy="")),
            ),
            models.CheckConstraint(
                name="followup_contact_not_after_death",
                condition=Q(died_on=None) | Q(last_contact_on=None) | Q(last_contact_on__lte=F("died_on")),
            ),
            models.CheckConstraint(
                name="followup_therapy_not_after_death",
                condition=Q(died_on=None) | Q(new_therapy_on=None) | Q(new_therapy_on__lte=F("died_on")),
            ),
        ]
