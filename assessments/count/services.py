"""The confirmation of evaluability: it asks what the record derives."""

from uuid import UUID

from patients.models import Patient
from patients.services import mine
from trial import protocol_settings
from trial.dates import shown
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..models import Evaluability
from . import queries
from .deaths import untold


def confirm_evaluability(
    *,
    trial: UUID,
    patient: UUID,
    state: str,
    missed_because: str = "",
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Evaluability:
    """The investigator confirms what the record derives: no DLT and evaluable, or not evaluable.

    missed_because: why doses are short, needed then. What was missed for related toxicity is criterion N4: its event
    says so first and is read, for a patient with a DLT is never replaced. rev: of an earlier confirmation as the person
    saw it, 0 for none.
    """
    with ledger.action(
        trial, by=by, may=May.CONFIRM_EVALUABILITY, verb="evaluability.confirm", reason=reason, key=key,
        asked=(patient, rev, reason, state, missed_because),
    ) as act:  # fmt: skip
        if act.earlier:
            return Evaluability.objects.get(pk=act.earlier)
        derived = queries.one(trial, patient, act.today)
        if derived is None:
            raise Patient.DoesNotExist(f"no patient {patient} in this trial")
        row = derived.patient
        mine(act, row.site_id)
        ready = queries.confirmable(derived)
        if not derived.dosed:
            raise Refused(f"Patient {row.code} has not had a first dose.")
        if ready != state:
            wanted = Evaluability.State(state).label.lower()
            raise Refused(
                f"Patient {row.code} cannot be confirmed as {wanted}: {derived.because}",
                field="state",
            )
        _death_told(derived)
        because = _why_short(derived, missed_because)
        stored = getattr(row, "evaluability", None)
        if queries.settled(derived) and stored and stored.missed_because == because:
            raise Refused(f"Patient {row.code} is confirmed already: {stored.get_state_display().lower()}.")
        if stored and not stored.voided:
            what, now = f"The confirmation of patient {row.code}", f': it says "{stored.get_state_display()}" now'
            other = (stored.state, stored.missed_because) != (state, because)
            corrections.check(act, stored, what, seen=rev, besides=now, reason_for="a correction" if other else "")
        stored = stored or Evaluability(trial_id=trial, patient=row)
        stored.missed_because = because
        stored.state, stored.by, stored.voided = state, by, False
        stored.confirmed_on = act.today.at(row.site.time_zone)
        stored.simulated = row.trial.simulated and not derived.taken
        stored.save()
        act.result(stored.pk)
        return stored


def _death_told(facts: queries.PatientFacts) -> None:
    """Refuse to settle a patient whose death in the window no event tells of, where criterion N3 asks for its cause."""
    settings = protocol_settings.from_json(facts.patient.treatment.protocol.settings)
    died = facts.died_on
    if died and settings.criteria["N3"] and untold(facts.events, died, facts.window_ends_on):
        raise Refused(
            f"Patient {facts.patient.code} died on {shown(died)}, in the DLT window, and no event tells of it: report "
            "it first, as grade 5 with its cause. Criterion N3 reads it.",
            field="state",
        )


def _why_short(facts: queries.PatientFacts, said: str) -> str | None:
    """The cause that is stored; refused when it is missing, or when an event must name it first."""
    if facts.enough_drug is not False:
        return None
    if said not in Evaluability.Missed.values:
        raise Refused("Doses are short: say why they were missed.", field="missed_because")
    settings = protocol_settings.from_json(facts.patient.treatment.protocol.settings)
    named = any(e.doses_missed and e.inside(settings.window_days) for e in facts.events)
    if said == Evaluability.Missed.TOXICITY and settings.criteria["N4"] and not named:
        raise Refused(
            "Doses missed for related toxicity are DLT criterion N4: mark the adverse event that doses were missed "
            "for it. It is then read, and the patient is not replaced before.",
            field="missed_because",
        )
    return said
