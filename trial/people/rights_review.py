"""The quarterly signature under the table of rights: an administrator has read who could do what."""

from datetime import UTC, datetime
from uuid import UUID

from ..models import RightsReview, User
from ..record import ledger
from ..refusals import Refused
from ..roles import May
from . import proof as proofs
from . import rights
from .proof import Proof
from .rights import Quarter

MEANING = "I have read who had which right in this quarter, and it is as it should be, or my remark says what is not."


def sign(
    *, quarter: Quarter, content: str, remark: str, proof: Proof, by: User, key: UUID | None = None
) -> RightsReview:
    """Sign a quarter that is over. content: hash of the table as the signer read it; another one refuses."""
    asked = (quarter.name, content, remark)
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="rights.review", reason=remark, key=key, asked=asked
    ) as act:
        if act.earlier:
            return RightsReview.objects.get(pk=act.earlier)
        if proof == "simulated":
            raise Refused("Password: a signature needs it.", field="password")
        proofs.check(by, proof)
        if not quarter.over(datetime.now(UTC)):
            raise Refused(f"Quarter: {quarter.name} is not over; it is signed after {quarter.next.first:%-d %b %Y}.")
        if RightsReview.objects.filter(quarter=quarter.first, user=by).exists():
            raise Refused(f"You have signed the rights of {quarter.name} already.")
        held = rights.in_quarter(rights.everything(), quarter)
        if rights.content(held, quarter) != content:
            raise Refused("The table is another one than you read. Read it and sign again.")
        row = RightsReview.objects.create(
            user=by, name=by.name, quarter=quarter.first, lines=len(held), content=content, meaning=MEANING,
            remark=remark, signed_at=act.now, proof=proof,
        )  # fmt: skip
        act.result(row.pk)
        return row
