"""The escalation meeting: called for a cut-off, its frozen data cuts, and the votes of its members."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trial.models import Audited


class Meeting(Audited):
    """One sitting of the safety committee. Where it stands follows from its cuts, votes and decision."""

    number = models.PositiveSmallIntegerField()
    cut_off = models.DateField(help_text="Data are to be entered and adjudicated until then; no cut before it.")
    meets_on = models.DateField(help_text="The planned day of the meeting.")
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="With its decision in force, or without a decision.")
    closed_reason = models.TextField(blank=True, help_text="Why it ended without a decision.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="meeting_number_unique_in_trial"),
            models.UniqueConstraint(fields=["trial"], condition=Q(closed_at=None), name="meeting_one_open_per_trial"),
            models.CheckConstraint(condition=Q(meets_on__gte=F("cut_off")), name="meeting_meets_after_cut_off"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_reason="") | Q(closed_at__gte=F("called_at")),
                name="meeting_closes_after_it_was_called",
            ),
        ]
        ordering = ["number"]


class DataCut(Audited):
    """The record that a meeting decides on: its number, the clinical date it is read on, and the chain's hash."""

    INSERT_ONLY = True
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="cuts")
    number = models.PositiveSmallIntegerField(help_text="Of the cut, within its meeting.")
    record = models.PositiveIntegerField(help_text="Number of the last action that the cut contains.")
    hash = models.CharField(max_length=64, help_text="Of the chain at that number.")
    on = models.DateField(help_text="What derivations take as today.")
    at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=250, help_text="number.date.engine.settings.inputs, as a signer would see it.")
    inputs = models.JSONField(help_text="The engine's input.")
    recommendation = models.JSONField(help_text="The engine's answer to it.")
    rules_version = models.CharField(
        max_length=10, null=True, help_text="Of the rules from event to count; null: frozen before they had one, 1."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="datacut_number_unique_in_meeting")]
        ordering = ["meeting", "number"]


class Vote(Audited):
    """One member's vote on one cut. A changed vote voids the older one, which stays to be read."""

    cut = models.ForeignKey(DataCut, models.PROTECT, related_name="votes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, blank=True, help_text="Of a decision; empty for an abstention.")
    position = models.PositiveSmallIntegerField(null=True, help_text="Of the dose level, in the protocol of the cut.")
    reason = models.TextField()
    at = models.DateTimeField()
    voided_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cut", "member"], condition=Q(voided=False), name="vote_one_in_force"),
            models.CheckConstraint(condition=~Q(reason=""), name="vote_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(outcome="") | Q(position=None), name="vote_of_an_abstention_names_no_level"
            ),
        ]
        ordering = ["at"]

    @property
    def abstains(self) -> bool:
        return not self.outcome
