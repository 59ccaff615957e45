"""Machinery without triggers: the outbox, API tokens, attempts to log in. Nothing here moves a ledger's number."""

from django.conf import settings
from django.db import models

from .. import ids


class NoticeKind(models.TextChoices):
    """What a notice is about, for who chooses what is also mailed."""

    SAFETY = "safety", "Safety: suspected and late DLTs, holds, reviews, what was done in spite of a rule"
    DECISION = "decision", "Decisions to sign and in force"
    MEETING = "meeting", "Meetings of the committee"
    ENROLMENT = "enrolment", "Slots that are granted"
    ANALYSIS = "analysis", "Analyses that could not be computed"
    ACCOUNT = "account", "Your account and who got into it"
    INSTALLATION = "installation", "The installation: clocks, anchors, mail"

    @classmethod
    def always(cls) -> "frozenset[NoticeKind]":
        """Those that nobody switches off."""
        return frozenset({cls.SAFETY, cls.ACCOUNT, cls.INSTALLATION})


class Notice(models.Model):
    """A message owed to a person or an address. The row is the queue: a tick claims one due row and stamps it done."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    trial = models.ForeignKey("trial.Trial", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=120)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    address = models.EmailField(blank=True, help_text="Of nobody's account, as where anchors are kept.")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    path = models.CharField(max_length=200, blank=True, help_text="Of the page that it leads to.")
    one_time = models.BooleanField(
        default=False, help_text="It leads to a new password. Such a link is made as it is sent, and stored nowhere."
    )
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    posted_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(null=True, help_text="Null when no mail was set up: it is read here alone.")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

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
            models.Index(fields=["next_try_at"], condition=models.Q(done_at=None, dead_at=None), name="notice_due"),
            models.Index(fields=["to"], condition=models.Q(read_at=None), name="notice_unread"),
        ]


class NoticeOff(models.Model):
    """A kind of which a person wants no mail; it still stands in the inbox."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notice_off_once"),
            models.CheckConstraint(
                name="notice_off_only_what_may_be",
                condition=~models.Q(kind__in=["safety", "account", "installation"]),
            ),
        ]


class Visit(models.Model):
    """Up to which record number a person has seen a trial, and up to which before the visit that goes on."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    trial = models.ForeignKey("trial.Trial", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    before = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "trial"], name="visit_one_for_person_and_trial")]


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
