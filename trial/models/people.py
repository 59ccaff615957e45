"""People: log-in accounts (machinery), what was decided about them, sites and memberships (audited)."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from .. import ids
from ..roles import ONE_SITE, ROLES, Role
from .ledger import Audited


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A log-in. Whether the account is open, and its installation role, is the audited row `Account`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False, help_text="Somebody else chose the present one.")
    sessions_ended = models.PositiveIntegerField(default=0, help_text="How often all its sessions were ended at once.")

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session of this account holds; another password or number of ends, and it is no session any more."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(key) for key in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, key: str | bytes | None = None) -> str:
        held = f"{self.password} {self.sessions_ended}"
        return salted_hmac("trial.session", held, secret=key, algorithm="sha256").hexdigest()


class Account(Audited):
    """What was decided about an account: opened, closed, name, installation role."""

    LEDGER = ""
    trial = None  # type: ignore[assignment]
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="account")
    name = models.CharField(max_length=120)
    email = models.EmailField(null=True, help_text="Null: as it was before addresses were kept here.")
    new_email = models.EmailField(null=True, help_text="Asked for by an administrator, until its owner confirms it.")
    new_email_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    open = models.BooleanField(default=True)
    role = models.CharField(max_length=30, blank=True, choices=[(Role.ADMINISTRATOR.value, Role.ADMINISTRATOR.label)])


class Suspension(Audited):
    """Signing of an account is suspended: somebody else may hold it now. Another person ends that, by name."""

    class Cause(models.TextChoices):
        ADDRESS = "address", "address changed"
        OPENED = "opened", "account opened again"
        PASSWORD = "password", "new password given by an administrator"
        FACTOR = "factor", "second factor taken away"

    LEDGER = ""
    trial = None  # type: ignore[assignment]
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="suspensions")
    cause = models.CharField(max_length=20, choices=Cause)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="suspension_confirmed_by_another_person",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=models.F("user"))
                    & (Q(by=None) | ~Q(confirmed_by=models.F("by")))
                ),
            ),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(confirmed_by=None), name="suspension_open")]
        ordering = ["at"]


class Site(Audited):
    code = models.CharField(max_length=10, help_text="Two digits by custom: 01, 02 …")
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    country = models.CharField(max_length=60, null=True, help_text="As case reports name it; null: not recorded.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "code"], name="site_code_unique_in_trial")]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Membership(Audited):
    """One person's role in one trial. A person holds one at a time; the role fixes the sites it sees."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=[c for c in ROLES if c[0] != Role.ADMINISTRATOR])
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="memberships")
    principal = models.BooleanField(default=False, help_text="Principal investigator of the site.")
    second_reader = models.BooleanField(default=False, help_text="Named to read DLTs of other sites second.")
    third_reader = models.BooleanField(default=False, help_text="Named to adjudicate DLTs.")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "trial"],  # in this order it finds the trials of a person, too
                condition=Q(until=None, voided=False),
                name="membership_one_role_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["trial", "site"],
                condition=Q(principal=True, until=None, voided=False),
                name="membership_one_principal_per_site",
            ),
            models.CheckConstraint(
                name="membership_site_follows_role",
                condition=Q(role__in=sorted(ONE_SITE), site__isnull=False)
                | (~Q(role__in=sorted(ONE_SITE)) & Q(site=None)),
            ),
            models.CheckConstraint(
                name="membership_principal_is_investigator",
                condition=Q(principal=False) | Q(role=Role.INVESTIGATOR),
            ),
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(until=None) | Q(until__gte=models.F("since"))
            ),
        ]


PROOFS = {  # what people signed with, in words
    "password": "password entered again",
    "password_totp": "password and code entered again",
    "simulated": "simulated",
}


class Signature(Audited):
    """A signature: who, when, what it means, bound to the hash of what was signed."""

    INSERT_ONLY = True
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=30, choices=ROLES)
    meaning = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    subject = models.UUIDField(help_text="Id of the row that was signed.")
    content = models.CharField(max_length=64, help_text="SHA-256 of what was signed.")
    proof = models.CharField(max_length=20, choices=[(kind, kind) for kind in PROOFS])

    suspended = models.JSONField(
        null=True, help_text="What had suspended signing since this person's last signature; null: nothing."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "user"], name="signature_once_per_person")]
        ordering = ["signed_at"]

    @property
    def proved(self) -> str:
        """What the person gave as proof, and what had suspended his signing since the signature before."""
        opened = (f"signing open again after: {one['words']}" for one in self.suspended or ())
        return "; ".join([PROOFS[self.proof], *opened])


class RightsReview(Audited):
    """An administrator's signature under who had which right in a quarter, over all trials."""

    LEDGER = ""
    INSERT_ONLY = True
    trial = None  # type: ignore[assignment]
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    quarter = models.DateField(help_text="Its first day.")
    lines = models.PositiveIntegerField(help_text="Of the table that was signed.")
    content = models.CharField(max_length=64, help_text="SHA-256 of that table.")
    meaning = models.CharField(max_length=200)
    remark = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    proof = models.CharField(max_length=20, choices=[(kind, kind) for kind in PROOFS])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quarter", "user"], name="rightsreview_once_per_person")]

    @property
    def proved(self) -> str:
        return PROOFS[self.proof]
