"""The settings of a protocol version, as one frozen dataclass (docs/domain.md, section 2).

The field names are the keys of `settings` in the validation filters (docs/validation.md).
Pure: standard library only.
"""

from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

CRITERIA = ("H1", "H2", "H3", "H4", "H5", "N1", "N2", "N3", "N4")
CHOICES: dict[str, tuple[object, ...]] = {
    "variant": ("D6", "D3", "N", "rolling_six"),
    "slot_approval": ("automatic", "medical_monitor"),
    "slot_order": ("first_come", "round_robin"),
    "ctcae_version": ("5.0", "6.0"),
    "exception_grade": (3, 4),
    "response_rules": ("IMWG", "none"),
    "denominator": ("all_treated", "response_evaluable"),
    "response_threshold": ("MR", "PR"),
    "ne": ("skip", "break"),
    "nadir": ("confirmed", "lowest"),
    "new_therapy": ("censor", "ignore"),
    "dor_death": ("censor", "event"),
    "ttp_myeloma_death": ("censor", "event"),
}
RANGES: dict[str, tuple[int, int]] = {
    "window_days": (1, 365),
    "cycle_days": (1, 365),
    "signatures": (1, 5),
    "stagger_days": (0, 28),
    "slot_hold_days": (1, 365),
    "site_slots": (1, 50),
    "monitor_from": (1, 200),
    "emergent_days": (0, 365),
    "assessment_interval_days": (1, 365),
    "assessment_window_days": (0, 90),
    "screening_days": (1, 365),
    "screening_imaging_days": (1, 365),
}
EXAMPLE = "selinexor: 60 > 40"
# A key that a stored version lacks means what was in force when it was written, never the default of today.
IN_FORCE_BEFORE: dict[str, Any] = {"exception_grade": 4, "screening_days": None, "screening_imaging_days": None}
CRITERIA_BEFORE = {"H5": False}


class SettingRefused(ValueError):
    """A setting outside its rule; `setting` is its field name."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(f"{setting}: {sentence}")
        self.setting = setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolSettings:
    """Every setting with its default. Raises SettingRefused, which names the setting and the rule."""

    variant: str = "D6"
    a: int = 3
    b: int = 3
    c: int = 1
    d: int = 1
    e: int = 1
    early_stop: bool = True
    start: int = 1  # position of the start level on this version's ladder
    window_days: int = 28
    fraction: Decimal = Decimal("0.75")
    signatures: int = 2
    slot_approval: str = "automatic"
    criteria: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(CRITERIA, True))
    exception_grade: int = 3  # the highest grade that the exceptions of N1 cover
    haematological: tuple[str, ...] | None = None  # terms; None: the seven of docs/domain.md, section 4
    cycle_days: int = 28
    reduction_steps: tuple[str, ...] | None = None  # "selinexor: 60 > 40", a day; None: the amounts of the levels
    routes: tuple[str, ...] | None = None  # of administration, "selinexor: by mouth"; None: not recorded
    stagger_days: int = 0
    slot_hold_days: int = 14
    site_slots: int | None = None  # most places of a cohort that one site has while another waits; None: no limit
    slot_order: str = "first_come"  # who of those waiting is next
    monitor_rate: Decimal = Decimal("0.33")  # running DLT rate above which expansion or backfill asks for a review
    monitor_from: int = 6
    ctcae_version: str = "5.0"
    emergent_days: int = 30  # after the last dose of any study drug, in which events are treatment-emergent
    measurable_serum: Decimal = Decimal("1.0")
    measurable_urine: Decimal = Decimal("200")
    measurable_flc: Decimal = Decimal("100")
    measurable_marrow: Decimal = Decimal("30")
    screening_days: int | None = 28  # before the first dose, of blood and urine; None: no baseline before the consent
    screening_imaging_days: int | None = 42  # of marrow and imaging
    assessment_interval_days: int = 28
    assessment_window_days: int = 7
    response_rules: str = "IMWG"  # "none": of another disease, no myeloma assessment is asked for
    denominator: str = "all_treated"
    response_threshold: str = "MR"
    dor_death: str = "censor"
    new_therapy: str = "censor"
    pd_confirmation: bool = True
    ne: str = "skip"
    max_confirmation_days: int | None = None
    missed_assessments: int | None = None
    ttp_myeloma_death: str = "censor"
    nadir: str = "confirmed"
    hypercalcaemia_is_pd: bool = False

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise SettingRefused(name, f"must be one of {', '.join(map(str, choices))}")
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise SettingRefused(name, f"must be from {low} to {high}")
        if self.a < 1 or self.b < 1:
            raise SettingRefused("a" if self.a < 1 else "b", "needs at least one patient")
        if not 0 <= self.d < self.a:
            raise SettingRefused("d", "must be below the first cohort's size (D < A)")
        if not 1 <= self.c <= self.d + 1:
            raise SettingRefused("c", "must be from 1 to D + 1")
        if not self.d <= self.e < self.a + self.b:
            raise SettingRefused("e", "must be from D to below A + B")
        if self.variant == "rolling_six":
            for name, size in (("a", 3), ("b", 3), ("c", 1), ("d", 1), ("e", 1)):
                if getattr(self, name) != size:
                    raise SettingRefused(name, f"must be {size} in rolling six, whose table is printed for no other")
        if not 0 < self.fraction <= 1:
            raise SettingRefused("fraction", "must be above 0 and at most 1")
        if not 0 < self.monitor_rate < 1:
            raise SettingRefused("monitor_rate", "must be above 0 and below 100 %")
        if self.start < 1:
            raise SettingRefused("start", "must be a step of the ladder")
        if set(self.criteria) != set(CRITERIA):
            raise SettingRefused("criteria", f"must answer each of {', '.join(CRITERIA)}")
        if self.haematological is not None:
            self._check_haematological(self.haematological)
        if self.reduction_steps is not None:
            self._check_reductions(self.reduction_steps)
        if self.routes is not None:
            _check_lines("routes", self.routes)
            if short := next((drug for drug, route in self.route_of.items() if not route), None):
                raise SettingRefused("routes", f"{short}: write the route, like selinexor: by mouth")

    def _check_haematological(self, terms: tuple[str, ...]) -> None:
        if not terms:
            raise SettingRefused("haematological", "names at least one term; null is the seven of the rules")
        if twice := next((term for term in terms if terms.count(term) > 1), None):
            raise SettingRefused("haematological", f"names {twice} twice")

    def _check_reductions(self, lines: tuple[str, ...]) -> None:
        _check_lines("reduction_steps", lines)
        for line in lines:
            _reduction(line)

    @property
    def route_of(self) -> dict[str, str]:
        """How each drug is given, as far as it is said."""
        return dict(_halves(line) for line in self.routes or ())

    @property
    def reductions(self) -> dict[str, tuple[Decimal, ...]]:
        """By drug the daily amounts to which it is reduced one after the other; a drug that is not here has none."""
        return dict(_reduction(line) for line in self.reduction_steps or ())

    def as_json(self) -> dict[str, Any]:
        """For storage: decimals as text, so that no float ever holds one."""
        return {k: _plain(v) for k, v in asdict(self).items()}

    def differences(self, other: "ProtocolSettings") -> list[tuple[str, Any, Any]]:
        """(name, here, there) of each setting that differs."""
        mine, theirs = self.as_json(), other.as_json()
        return [(name, mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]]


def from_json(stored: dict[str, Any]) -> ProtocolSettings:
    """The settings of a stored version; a key that it lacks means what was in force when it was written."""
    known = IN_FORCE_BEFORE | stored
    if isinstance(criteria := known.get("criteria"), dict):
        known["criteria"] = CRITERIA_BEFORE | criteria
    return typed(known)


def typed(given: dict[str, Any]) -> ProtocolSettings:
    """Settings as somebody types them; what is left out is the default, unknown names and wrong types are refused."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in KINDS:
            raise SettingRefused(name, "is no protocol setting")
        values[name] = _typed(name, KINDS[name], value)
    return ProtocolSettings(**values)


def _check_lines(setting: str, lines: tuple[str, ...]) -> None:
    """Each line is of a drug, and of another one."""
    if not lines:
        raise SettingRefused(setting, "names at least one drug, or is left out")
    drugs = [drug for drug, _ in map(_halves, lines)]
    if wrong := next((line for line, drug in zip(lines, drugs, strict=True) if not drug or ":" not in line), None):
        raise SettingRefused(setting, f"write a drug, a colon and what holds for it, like {EXAMPLE}, not {wrong!r}")
    if twice := next((drug for drug in drugs if drugs.count(drug) > 1), None):
        raise SettingRefused(setting, f"names {twice} twice")


def _halves(line: str) -> tuple[str, str]:
    drug, _, said = line.partition(":")
    return drug.strip(), said.strip()


def _reduction(line: str) -> tuple[str, tuple[Decimal, ...]]:
    """The drug and the amounts of "selinexor: 60 > 40 > 20"."""
    drug, said = _halves(line)
    try:
        amounts = tuple(Decimal(part.strip().replace(",", ".")) for part in said.split(">"))
        falls = all(amount.is_finite() and amount > 0 for amount in amounts)
    except InvalidOperation:
        raise SettingRefused(
            "reduction_steps", f"{drug}: write daily amounts with > between them, like {EXAMPLE}"
        ) from None
    if not falls or list(amounts) != sorted(set(amounts), reverse=True):
        raise SettingRefused("reduction_steps", f"{drug}: each step is less than the one before, and above 0")
    return drug, amounts


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


KINDS = {f.name: str(f.type) for f in fields(ProtocolSettings)}


def _typed(name: str, kind: str, value: Any) -> Any:
    if kind == "<class 'decimal.Decimal'>":
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise SettingRefused(name, "must be a number") from None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind == "tuple[str, ...] | None" and isinstance(value, list | tuple):
        value = tuple(value)
    right = {
        "<class 'int'>": whole,
        "<class 'bool'>": isinstance(value, bool),
        "<class 'str'>": isinstance(value, str),
        "int | None": value is None or whole,
        "tuple[str, ...] | None": value is None
        or (isinstance(value, tuple) and all(isinstance(v, str) and v.strip() for v in value)),
    }.get(kind, isinstance(value, dict) and all(isinstance(v, bool) for v in value.values()))
    if not right:
        raise SettingRefused(name, f"has a value of the wrong kind: {value!r}")
    return value
