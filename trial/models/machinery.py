"""Machinery without triggers: the outbox, API tokens, attempts to log in. Nothing here moves a ledger's number."""

from django.conf import settings
from django.db import models

from .. import ids


class Notice(models.Model):
    """A message owed to a person or an address. The row is the queue: a tick claims one due row and stamps it done."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=120)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    address = models.EmailField(blank=True, help_text="Of nobody's account, as where anchors are kept.")
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    posted_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "to"], name="notice_key_unique_for_person"),
            models.UniqueConstraint(
                fields=["key", "address"], condition=models.Q(to=None), name="notice_key_unique_for_address"
            ),
            models.CheckConstraint(
                name="notice_has_one_receiver",
                condition=models.Q(to=None, address__gt="") | models.Q(to__isnull=False, address=""),
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(done_at=None, dead_at=None), name="notice_due")
        ]


class ApiToken(models.Model):
    """A REST client's token. Only its SHA-256 is kept; the prefix lets a person recognise it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.CharField(max_length=200, default="read")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Attempt(models.Model):
    """A password that was not right, or is being checked. Kept for a day, to count by."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    of = models.CharField(
        max_length=64, help_text="SHA-256 of what it was for: an address at the log-in, or a session."
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["of", "at"], name="attempt_of_at")]
