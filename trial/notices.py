"""Notices: rows of the outbox, written in the action that they tell of, delivered by a tick."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from .models import Notice, Trial, User

DEAD_AFTER = 10


def post(
    *,
    trial: Trial | None,
    to: Iterable[User],
    key: str,
    subject: str,
    text: str = "",
    due: datetime | None = None,
) -> None:
    """Owe each person one notice, now unless `due` says when; the same key again owes nothing more."""
    now = due or timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(trial=trial, to=person, key=key, subject=subject[:250], text=text, next_try_at=now)
            for person in {person.pk: person for person in to}.values()
        ],
        ignore_conflicts=True,
    )


def post_outside(addresses: Iterable[str], *, key: str, subject: str, text: str) -> None:
    """Owe one notice to each address that is nobody's account; the same key again owes nothing more."""
    now = timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(address=address, key=key, subject=subject[:250], text=text, next_try_at=now)
            for address in dict.fromkeys(addresses)
        ],
        ignore_conflicts=True,
    )


def deliver_one() -> bool:
    """Claim one due notice, deliver it and stamp it; False when none is due. Safe beside itself and after a kill."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("to")
            .filter(done_at=None, dead_at=None, next_try_at__lte=timezone.now())
            .order_by("next_try_at")
            .first()
        )
        if notice is None:
            return False
        notice.attempts += 1
        try:
            with transaction.atomic():
                address = notice.to.email if notice.to else notice.address
                send_mail(notice.subject, notice.text or notice.subject, None, [address])
        except Exception as error:  # one bad row must not stop the others
            notice.last_error = f"{type(error).__name__}: {error}"
            notice.next_try_at = timezone.now() + timedelta(seconds=2**notice.attempts)
            if notice.attempts >= DEAD_AFTER:
                notice.dead_at = timezone.now()
        else:
            notice.done_at, notice.last_error = timezone.now(), ""
        notice.save()
        return True
