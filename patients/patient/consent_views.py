"""What a patient consented to, on his page: every version signed, what is still owed, and the steps that change it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from patients.consent import queries
from patients.consent.models import Deviation, Withdrawal
from patients.consent.queries import Owed
from patients.models import Consent, Patient
from patients.queries import History
from patients.withdrawal.queries import deviations
from trial.forms import shown
from trial.people.access import Scope
from trial.roles import May


@dataclass(frozen=True, slots=True)
class Signed:
    """One consent, who recorded it, and where it is corrected; "" where the reader may not."""

    consent: Consent
    entry: Any
    correct_url: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One withdrawal from the trial, in words."""

    row: Withdrawal
    text: str
    entry: Any
    correct_url: str


@dataclass(frozen=True, slots=True)
class Card:
    signed: Sequence[Signed]
    taken_back: Sequence[TakenBack]
    deviations: Sequence[Deviation]
    may_explain: bool
    owed: Sequence[Owed]
    record_url: str
    withdraw: Sequence[tuple[str, str]]  # (where to, of which consent)


def consent_card(
    scope: Scope, patient: Patient, consents: Iterable[Consent], withdrawals: Iterable[Withdrawal], record: History
) -> Card:
    may, code, slot = scope.may(May.RECORD_CONSENT), scope.trial.code, patient.slot.number
    every = list(consents)

    def url(name: str, *more: object) -> str:
        return reverse(f"patients:{name}", args=[code, *more]) if may else ""

    last = {c.kind: c for c in every if not c.withdrawn_on}
    ways = [
        (url("withdrawal", slot) if c.kind == Consent.Kind.TRIAL else url("withdraw_consent", slot, c.pk),
         c.get_kind_display())
        for c in last.values()
    ]  # fmt: skip
    return Card(
        taken_back=[
            TakenBack(w, _said(w), record.of(w.pk), url("correct_withdrawal", slot, w.pk)) for w in withdrawals
        ],
        deviations=deviations(patient.pk),
        may_explain=scope.may(May.EXPLAIN_DEVIATION),
        signed=[Signed(c, record.of(c.pk), url("correct_consent", slot, c.pk)) for c in every],
        owed=[one for one in queries.owed(scope.trial.pk, scope.days) if one.slot.pk == patient.slot_id],
        record_url=url("reconsent", patient.code),
        withdraw=ways if may else [],
    )


def _said(row: Withdrawal) -> str:
    records = "may" if row.public_records else "may not"
    return f"from {row.get_covers_display()}, on {shown(row.on)}; survival {records} be read from public records"
