"""Notices: rows of the outbox, written in the action that they tell of, delivered by a tick.

Each stands in its reader's inbox. Where mail is set up it is mailed too; where it is not, nothing pretends that it was.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from . import mail
from .models import Membership, Notice, NoticeKind, NoticeOff, Trial, User

DEAD_AFTER = 10
RESETS, HOUR = 3, timedelta(hours=1)  # asked for by oneself, or by whoever knows an address


def post(
    *,
    trial: Trial | None,
    to: Iterable[User],
    key: str,
    kind: NoticeKind,
    subject: str,
    text: str = "",
    page: str = "",
    path: str = "",
    due: datetime | None = None,
) -> None:
    """Owe each person one notice, now unless `due` says when; the same key again owes nothing more.

    page: what it leads to, below the trial's page; path: elsewhere.
    """
    leads = f"/trials/{trial.code}/{page}" if trial is not None else path
    when = _due(due)
    Notice.objects.bulk_create(
        [
            Notice(
                trial=trial,
                to=person,
                key=key,
                kind=kind,
                path=leads,
                subject=subject[:250],
                text=text,
                next_try_at=when,
            )
            for person in {person.pk: person for person in to}.values()
        ],
        ignore_conflicts=True,
    )


def known(keys: Iterable[str]) -> set[str]:
    """Which of these are owed or sent already, to anybody."""
    return set(Notice.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def post_outside(addresses: Iterable[str], *, key: str, subject: str, text: str, path: str = "") -> None:
    """Owe one notice to each address that is nobody's account; the same key again owes nothing more."""
    when = _due(None)
    Notice.objects.bulk_create(
        [
            Notice(
                address=address,
                key=key,
                kind=NoticeKind.INSTALLATION,
                path=path,
                subject=subject[:250],
                text=text,
                next_try_at=when,
            )
            for address in dict.fromkeys(addresses)
        ],
        ignore_conflicts=True,
    )


def post_one_time(user: User, *, key: str, subject: str, text: str) -> None:
    """Owe a person a mail with a link by which a new password is set, once. Only where mail is set up."""
    assert mail.is_set_up()
    Notice.objects.create(
        to=user, key=key, kind=NoticeKind.ACCOUNT, one_time=True, subject=subject, text=text, next_try_at=_due(None)
    )


def too_many_resets(user: User) -> bool:
    """Whether so many such links are owed or were sent within the hour that another would only fill the mailbox."""
    since = timezone.now() - HOUR
    return Notice.objects.filter(to=user, one_time=True, posted_at__gt=since).count() >= RESETS


def _due(when: datetime | None) -> datetime | None:
    return (when or timezone.now()) if mail.is_set_up() else None


def deliver_one(key: str = "") -> bool:
    """Claim one due notice, deliver it and stamp it; False when none is due. Safe beside itself and after a kill.

    key: of the one that is meant.
    """
    if not mail.is_set_up():
        return False
    due = Notice.objects.filter(done_at=None, dead_at=None, next_try_at__lte=timezone.now())
    with transaction.atomic():
        notice = (
            (due.filter(key=key) if key else due)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("to", "trial")
            .order_by("next_try_at")
            .first()
        )
        if notice is None:
            return False
        if _wanted(notice):
            _send(notice)
        else:
            notice.done_at = timezone.now()  # without a try: it was not mailed
        notice.save()
        return True


def _wanted(notice: Notice) -> bool:
    """Not by who switched the kind off, nor of a trial that the person has left since."""
    if notice.to is None:
        return True
    if NoticeOff.objects.filter(user=notice.to, kind=notice.kind).exists():
        return False
    works = Membership.objects.filter(user=notice.to, trial=notice.trial, until=None, voided=False)
    return notice.trial is None or works.exists()


def _send(notice: Notice) -> None:
    notice.attempts += 1
    try:
        with transaction.atomic():
            mail.send(
                to=notice.to.email if notice.to else notice.address,
                subject=notice.subject,
                text=notice.text,
                path=_one_time(notice.to) if notice.one_time and notice.to else notice.path or "/",
                trial=notice.trial,
                by_choice=notice.to is not None and notice.kind not in NoticeKind.always(),
            )
    except Exception as error:  # one bad row must not stop the others
        notice.last_error = f"{type(error).__name__}: {error}"
        notice.next_try_at = timezone.now() + timedelta(seconds=2**notice.attempts)
        if notice.attempts >= DEAD_AFTER:
            notice.dead_at = timezone.now()
    else:
        notice.done_at, notice.last_error = timezone.now(), ""


def _one_time(user: User) -> str:
    """Good until it is used, the person logs in, or its days are over: it is made of what these change."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
