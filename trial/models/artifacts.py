"""Files that a worker builds from a data cut: reports and datasets. Machinery: no fact, no ledger number.

Triggers keep what was built: neither a row that is done nor its parts are changed or deleted
(migrations/0019_files_that_are_built).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .. import ids

PART = 1 << 20  # bytes


class Artifact(models.Model):
    """A file that was asked for. The row is the queue: a tick claims one due row and holds its lock while it builds."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        BUILDING = "building", "Being built"
        DONE = "done", "Built"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, help_text="What was asked for, of its kind and cut.")
    title = models.CharField(max_length=250)
    filename = models.CharField(max_length=150)
    media_type = models.CharField(max_length=80)
    cut = models.CharField(max_length=80, blank=True, help_text="Its name, as of a meeting's; empty: the record then.")
    number = models.PositiveIntegerField(help_text="Of the trial's ledger: the last action that the cut contains.")
    on = models.DateField(help_text="The clinical date of the cut.")
    cut_hash = models.CharField(max_length=64, help_text="Of the ledger's chain at that number.")
    without = models.JSONField(
        null=True,
        help_text="Ids of rows that nobody might read when it was asked for. Null: it reads none such.",
    )
    without_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of `without`; empty where null.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    next_try_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    built_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "kind", "key", "number", "on", "without_hash"],
                condition=~Q(state="failed"),
                name="artifact_built_once",
            ),
            models.CheckConstraint(
                name="artifact_done_is_whole",
                condition=Q(state="done", built_at__isnull=False, size__isnull=False, sha256__regex="^[0-9a-f]{64}$")
                | (~Q(state="done") & Q(built_at=None, size=None, sha256="")),
            ),
            models.CheckConstraint(
                name="artifact_failed_says_why",
                condition=(Q(state="failed", failed_at__isnull=False) & ~Q(last_error=""))
                | (~Q(state="failed") & Q(failed_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=["waiting", "building"]), name="artifact_due"),
            models.Index(fields=["trial", "kind", "-requested_at"], name="artifact_listed"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.BUILDING)


class ArtifactProgress(models.Model):
    """How far a build is. A row of its own: that of the artifact is locked while its worker builds."""

    artifact = models.OneToOneField(Artifact, models.CASCADE, primary_key=True, related_name="progress")
    percent = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(name="artifact_progress_percent", condition=Q(percent__lte=100))]


class ArtifactPart(models.Model):
    """A piece of a file, in order; each but the last has PART bytes."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="parts")
    n = models.PositiveIntegerField()
    bytes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artifact", "n"], name="artifactpart_once")]
