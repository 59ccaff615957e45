"""Signed decisions about patients outside the count: to open, continue or close a cohort of theirs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models import Cohort
from trial.models import Audited, DoseLevel, ProtocolVersion


class OutsideDecision(Audited):
    """As proposed and read by its signers; in force with the last signature. It never touches the escalation."""

    INSERT_ONLY = True

    class Act(models.TextChoices):
        OPEN = "open", "Open"
        CONTINUE = "continue", "Continue after review"
        CLOSE = "close", "Close"

    number = models.PositiveSmallIntegerField(help_text='People see "E1".')
    act = models.CharField(max_length=10, choices=Act.choices)
    role = models.CharField(max_length=20, choices=Cohort.Role.choices)
    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="+")
    places = models.PositiveSmallIntegerField(null=True, help_text="Patients wanted; only when a cohort is opened.")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=250, help_text="number.date.engine.settings.inputs, as the signer saw it.")
    inputs = models.JSONField(help_text="Every dosed patient with role, dose level and outcome: the engine's input.")
    rules_version = models.CharField(
        max_length=10, null=True, help_text="Of the rules from event to count; null: stored before they had one, 1."
    )
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    content = models.CharField(max_length=64, help_text="SHA-256 of all of the above: what signatures are bound to.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="outsidedecision_number_unique_in_trial"),
            models.CheckConstraint(
                name="outsidedecision_places_when_opened",
                condition=Q(act="open", places__gte=1) | (~Q(act="open") & Q(places=None)),
            ),
        ]
        ordering = ["number"]

    @property
    def code(self) -> str:
        return f"E{self.number}"


class OutsideEnding(Audited):
    """How it ended: in force with its last signature, or withdrawn with a reason."""

    INSERT_ONLY = True
    decision = models.OneToOneField(OutsideDecision, models.PROTECT, related_name="ending")
    in_force = models.BooleanField()
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="+", help_text="Opened or closed by it.")
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    on = models.DateField()
