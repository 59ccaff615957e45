"""What a person does with notices: read, choose, try again. None of it is a fact of a trial."""

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from .. import ids, notices
from ..models import Notice, NoticeKind, NoticeOff, User
from ..people import access
from ..refusals import Refused
from ..roles import May
from . import queries


def read(*, by: User, notice: UUID | None = None) -> int:
    """Mark one as read, or all that the person may see; how many were unread."""
    mine = queries.notices(by).filter(read_at=None)
    if notice is not None:
        mine = mine.filter(pk=notice)
    return Notice.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(read_at=timezone.now())


def choose(*, by: User, mailed: Collection[str]) -> None:
    """Get these kinds by mail too, of those that may be chosen. Raises Refused for another kind."""
    may = {kind for kind, _ in queries.choices()}
    if wrong := set(mailed) - may:
        raise Refused(f"Kinds: {', '.join(sorted(wrong))} cannot be chosen.", field="mailed")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two tabs: the last one's choice, whole
        NoticeOff.objects.filter(user=by).delete()
        NoticeOff.objects.bulk_create([NoticeOff(user=by, kind=NoticeKind(kind)) for kind in sorted(may - set(mailed))])


def send_test(*, to: User) -> str:
    """Send a mail that says nothing, now; the fault, or "" when the server has taken it."""
    key = f"test-{ids.new()}"
    notices.post(
        trial=None,
        to=[to],
        key=key,
        kind=NoticeKind.INSTALLATION,
        subject="A test mail",
        text="Mail of this installation reaches you. Nothing needs to be done.",
        path="/inbox/",
    )
    notices.deliver_one(key)
    return Notice.objects.get(key=key).last_error


def try_again(*, by: User) -> int:
    """Owe every notice anew that was given up; how many there were. Raises PermissionDenied."""
    if not access.installation_may(by, May.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator sends notices again.")
    given_up = Notice.objects.filter(done_at=None).exclude(dead_at=None)
    return given_up.update(dead_at=None, attempts=0, next_try_at=timezone.now())
