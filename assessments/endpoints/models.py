"""Endpoint runs: what was asked for, and what was computed from a data cut. Machinery: no fact, no ledger number."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial import ids


class Kind(models.TextChoices):
    EFFICACY = "efficacy", "Efficacy"
    BIOMARKER = "biomarker", "Biomarker"


class RunRequest(models.Model):
    """A run that is wanted. The row is the queue: a tick claims one due row and holds its lock while it works."""

    class Why(models.TextChoices):
        FACTS = "facts", "facts changed"
        NIGHT = "night", "nightly"
        HAND = "hand", "asked for"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="Of the trial's ledger when asked; of the cut once done.")
    why = models.CharField(max_length=10, choices=Why.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "kind"], condition=Q(done_at=None, dead_at=None), name="runrequest_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(done_at=None, dead_at=None), name="runrequest_due"),
            models.Index(fields=["trial", "kind", "-number"], name="runrequest_latest"),
        ]


class EndpointRun(models.Model):
    """One result: a trial's data cut under one set of settings. Never changed; the same cut is computed once."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="Of the trial's ledger: the cut.")
    on = models.DateField(help_text="The clinical date of the cut.")
    cut_hash = models.CharField(max_length=64, help_text="Of the ledger's chain at that number.")
    protocol_version = models.PositiveSmallIntegerField()
    settings_name = models.CharField(max_length=40, help_text="primary, sensitivity …")
    settings = models.JSONField()
    settings_hash = models.CharField(max_length=64)
    result = models.JSONField()
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number", "settings_hash", "kind"], name="endpointrun_once")
        ]
        indexes = [models.Index(fields=["trial", "kind", "settings_name", "-number"], name="endpointrun_latest")]
