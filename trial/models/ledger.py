"""The record of every change: one ledger a trial, row images by trigger, a sealed chain of events."""

from datetime import UTC

from django.conf import settings
from django.db import models

from .. import ids


class Ledger(models.Model):
    """THE lock: a row per trial, and one for the installation (trial null: accounts and their roles)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.OneToOneField("trial.Trial", models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(trial=None), name="ledger_one_for_the_installation"
            )
        ]


class AuditEvent(models.Model):
    """One action: who, when, what, why, and the row images it left. Insert-only."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    acting_as = models.CharField(max_length=30)
    verb = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    body = models.TextField(help_text="The exact text that was hashed.")
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    written = models.PositiveIntegerField(
        null=True,
        help_text="How many of its images, from the first, whoever acted wrote; the others follow. Null: not counted.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ledger", "number"], name="auditevent_number_unique")]


class RowImage(models.Model):
    """A whole row as an action left it. Written by the trigger only."""

    seq = models.BigAutoField(primary_key=True)
    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    table = models.CharField(max_length=63)
    row = models.UUIDField()
    image = models.JSONField()

    class Meta:
        indexes = [
            models.Index(
                "ledger", "table", "row", models.F("number").desc(), models.F("seq").desc(), name="image_as_of"
            ),
            models.Index(fields=["ledger", "number"], name="image_of_event"),
        ]


class Audited(models.Model):
    """A row whose every change is an action of its trial's ledger; never deleted, only voided."""

    INSERT_ONLY = False
    LEDGER = "trial_id"  # the column that names the trial; "" hangs the row on the installation

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    rev = models.PositiveIntegerField(default=0, editable=False, help_text="Number of its last change; by trigger.")
    voided = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Once(models.Model):
    """A request that was carried out, so that the same one sent twice to a trial is answered, not repeated."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ledger = models.ForeignKey(
        Ledger, models.PROTECT, null=True, related_name="+", help_text="Null: from before a key was of one trial."
    )
    key = models.UUIDField()
    verb = models.CharField(max_length=60)
    request = models.CharField(max_length=64, help_text="SHA-256 of what was asked.")
    result = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key", "ledger"], name="once_key_unique_in_ledger")]


class AccessEvent(models.Model):
    """Log-ins, failures, exports and recorded reads. Insert-only, without the trial's lock."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(help_text="By the database's clock, which the anchors ask too.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    trial = models.ForeignKey("trial.Trial", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True)
    detail = models.TextField(blank=True)


class ResultSeal(models.Model):
    """The SHA-256 of a result that was computed (settings.SEALED), as it was stored. Written by the trigger only."""

    row = models.UUIDField(primary_key=True)
    table = models.CharField(max_length=63)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)


class Anchor(models.Model):
    """Where every ledger stood at one moment; of a day that is over, also what happened on it. Insert-only, a chain."""

    number = models.PositiveIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap.")
    day = models.DateField(
        null=True, unique=True, help_text="UTC; null after a signature. The first one holds all days up to its own."
    )
    at = models.DateTimeField()
    body = models.TextField(help_text="The exact text that was hashed.")
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        at = self.at.astimezone(UTC)
        return f"Anchor {self.number} of {self.day or at:%-d %b %Y}{'' if self.day else f', {at:%H:%M}'}"
