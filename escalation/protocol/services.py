"""Putting a protocol version in force: checked against the engine, written through the ground floor."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from assessments import terms
from patients import services as people
from patients.models import Cohort
from trial import protocol_settings, services
from trial import queries as ground
from trial.models import ProtocolVersion, User
from trial.protocol_settings import ProtocolSettings, SettingRefused
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May
from trial.services import Level

from ..situation import queries
from . import check as safety_check
from . import effect as protocol_effect
from . import plausible
from .check import Checked
from .words import BY_NAME

NO_CRITERIA = "Eligibility criteria: write at least one; without them everybody would be eligible."


def write(
    *,
    trial: UUID,
    settings: ProtocolSettings,
    levels: Sequence[Level],
    drugs: Sequence[str],
    criteria: Sequence[str],
    reason: str = "",
    based_on: int | None = None,
    patients: Mapping[UUID, bool] | None = None,
    unusual: str = "",
    by: User | None,
    key: UUID | None = None,
) -> ProtocolVersion:
    """Write version 1 of the protocol, or a numbered amendment, which needs a reason.

    based_on: the number of the version that the writer saw, 0 for none; a later one in force refuses.
    patients: for each patient still in the DLT window, whether the amendment includes him; None includes nobody.
    unusual: why an unlikely number stands.
    levels: lowest first. The consequences refuse a ladder that drops a level at which patients were treated.
    """
    answers = sorted((patients or {}).items())
    more = [*([answers] if answers else []), *([unusual] if unusual else [])]
    asked = (settings.as_json(), levels, drugs, criteria, reason, *more)
    found = checked(
        settings, tuple(level.label for level in levels)
    )  # before the lock is taken: it asks no record and may take a second
    _known_terms(settings)
    for name, named in (("reduction_steps", settings.reductions), ("routes", settings.route_of)):
        if strange := next((drug for drug in named if drug not in drugs), None):
            raise Refused(f"{BY_NAME[name].label}: {strange} is no drug of this version.", field=name)
    with ledger.action(
        trial, by=by, may=May.WRITE_PROTOCOL, verb="protocol.write", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return ProtocolVersion.objects.get(pk=act.earlier)
        before = ground.protocol(trial)
        cohorts = list(Cohort.objects.filter(trial=trial, voided=False).order_by("number"))
        in_force = before.version.number if before else 0
        if based_on is not None and based_on != in_force:
            raise Refused(
                f"Protocol version {in_force} came in force since you opened this form. What you typed is kept: "
                "compare it with that version and open the form anew."
            )
        if before and not reason.strip():
            raise Refused("Reason: an amendment needs one.", field="reason")
        if not criteria:
            raise Refused(NO_CRITERIA, field="eligibility")
        if isinstance(found, Refused):
            raise found
        labels = {level.label for level in levels}
        if before and cohorts:
            start = before.level(before.settings.start).label
            if settings.start > len(levels) or levels[settings.start - 1].label != start:
                raise Refused(f"Start level: the trial began at level {start}; that stays.", field="start")
            if mixed := protocol_effect.mixed(before.settings, settings):
                raise Refused(mixed, field="ctcae_version")
            used = {cohort.dose_level_id for cohort in cohorts}
            if lost := [lv.label for lv in before.levels if lv.pk in used and lv.label not in labels]:
                raise Refused(f"Levels: level {lost[0]} was opened, so it stays on the ladder.", field="levels")
        unlikely = plausible.check(settings, levels, before, unusual)
        included = protocol_effect.checked(queries.under(act), patients) if before and patients is not None else []
        version = services.new_version(
            act,
            settings=settings,
            levels=levels,
            drugs=drugs,
            criteria=criteria,
            reason=reason,
            frozen=frozenset(cohort.dose_level_id for cohort in cohorts),
            written_on=act.clinical_date,
            checked=found.as_json() if found else None,
            unusual=unusual.strip() if unlikely else None,
        )
        for facts in included:
            people.amend(act, patient=facts.patient, version=version)
        act.result(version.pk)
        return version


def _known_terms(settings: ProtocolSettings) -> None:
    """The haematological terms are of the catalogue of the trial's CTCAE version."""
    version = settings.ctcae_version
    for term in settings.haematological or ():
        if not terms.soc(term, version):
            meant = terms.find(term, version)
            hint = f" It may be {meant[0].term}." if meant else ""
            raise Refused(f"Haematological terms: {term!r} is none of CTCAE {version}.{hint}", field="haematological")


def checked(settings: ProtocolSettings, labels: tuple[str, ...]) -> Checked | Refused | None:
    """What the exhaustive check of the rule finds, or why the version is refused.

    None for a ladder that cannot be asked about: `services.new_version` refuses it under its own name.
    """
    levels = len(labels)
    if not 1 <= settings.start <= levels:
        return None
    try:
        return safety_check.checked(queries.rule_of(settings), levels, settings.start, labels)
    except ValueError as error:
        return Refused(f"Settings: this rule cannot come in force: {error}.", field="settings")


def settings_from(values: dict[str, object]) -> ProtocolSettings:
    """Settings from a form; a wrong one is refused under its own name."""
    try:
        return protocol_settings.typed(values)
    except SettingRefused as error:
        raise Refused(
            f"{error.setting.replace('_', ' ').capitalize()}: {str(error).partition(': ')[2]}.", field=error.setting
        ) from None
