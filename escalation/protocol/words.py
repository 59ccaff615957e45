"""The protocol settings in words: label, value and meaning, for the page, the form and the differences.

Pure: what a setting may be stands in trial/protocol_settings.py; here is only how it is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trial.protocol_settings import ProtocolSettings

PERCENT = ("fraction", "monitor_rate")  # stored as a part of one, read and typed in percent
YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    label: str
    meaning: str
    unit: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    none: str = ""  # the words for no value, where a setting may have none
    lines: bool = False  # a list, typed one a line
    between: str = ", "  # of its parts, as they are read

    def said(self, value: Any) -> str:
        """The value with its unit, as people read it."""
        if value is None:
            return self.none
        if self.choices:
            return self.choices.get(value, str(value))
        if self.lines:
            return self.between.join(value)
        if self.name in PERCENT:
            return f"{percent(value)} %"
        number = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        unit = self.unit.removesuffix("s") if number == "1" and self.unit in ("days", "patients") else self.unit
        return f"{number} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    settings: Sequence[Setting]
    note: str = ""


def percent(fraction: Decimal) -> str:
    return f"{(Decimal(fraction) * 100).normalize():f}"


GROUPS = (
    Group(
        "rule",
        "The dose-escalation rule",
        (
            Setting(
                "variant",
                "Variant",
                "What happens to a level with one cohort that is about to become the MTD.",
                choices={
                    "D6": "D6: six patients before a level is the MTD, at the top level too",
                    "D3": "D3: six patients below a failed level; three are enough at the top",
                    "N": "N: no second cohort, never below the start level",
                    "rolling_six": "Rolling six: one cohort of two to six a level, judged while it fills",
                },
            ),
            Setting("a", "First cohort, A", "Evaluable patients before the first answer at a level.", "patients"),
            Setting("b", "Second cohort, B", "Added at the same level when it is expanded.", "patients"),
            Setting("c", "Escalate below, C", "With fewer DLTs than this in the first cohort the level passes.", "DLT"),
            Setting(
                "d",
                "Expand up to, D",
                "From C to D DLTs in the first cohort the level is expanded; more close it.",
                "DLT",
            ),
            Setting(
                "e",
                "Tolerated up to, E",
                "With at most this many DLTs in A + B patients the level is tolerated.",
                "DLT",
            ),
            Setting(
                "early_stop",
                "A level fails as soon as its DLTs exceed the limit",
                "If not, nobody new is dosed there either; only the conclusion waits for patients already dosed.",
                choices=YES_NO,
            ),
        ),
    ),
    Group(
        "window",
        "DLT window and evaluability",
        (
            Setting("window_days", "DLT window", "Day 1 is the first dose of any study drug.", "days"),
            Setting(
                "fraction",
                "Enough drug",
                "Part of the planned amount of each drug that a patient without a DLT must have taken to be evaluable.",
                "%",
            ),
            Setting("cycle_days", "Cycle", "Length of one treatment cycle.", "days"),
            Setting(
                "reduction_steps",
                "Reduction steps",
                "Amounts a day to which a drug is reduced, one after the other: a drug a line, as selinexor: 60 > 40. "
                "Another amount asks for its reason.",
                none="the amounts of the dose levels",
                lines=True,
                between="; ",
            ),
            Setting(
                "routes",
                "Routes of administration",
                "As case reports name them: a drug a line, as selinexor: by mouth.",
                none="not recorded",
                lines=True,
                between="; ",
            ),
            Setting(
                "ctcae_version",
                "CTCAE version",
                "Terms and grades differ between versions; they are never mixed in one trial. Under 6.0 H1, "
                "H3, H4 and H5 go by the lowest value of neutrophils, platelets and white cells.",
                choices={"5.0": "5.0", "6.0": "6.0"},
            ),
            Setting(
                "emergent_days",
                "Events are treatment-emergent until",
                "So long after the last dose of any study drug, and before another therapy: what safety tables show.",
                "days",
            ),
            Setting(
                "exception_grade",
                "Exceptions of criterion N1 cover",
                "Fatigue, nausea, vomiting, diarrhoea, anorexia, electrolytes and steroid hyperglycaemia.",
                choices={3: "grade 3 alone", 4: "grades 3 and 4"},
            ),
            Setting(
                "haematological",
                "Haematological terms",
                "Judged by H1 to H5 and never by N1: CTCAE terms, one a line.",
                none="anaemia, neutrophils, platelets, white cells, lymphocytes, CD4, leukocytosis",
                lines=True,
            ),
        ),
    ),
    Group(
        "enrolment",
        "Enrolment and decisions",
        (
            Setting(
                "signatures",
                "Signatures",
                "Different people under a decision; one is of the safety committee.",
                "people",
            ),
            Setting(
                "slot_approval",
                "Slots are granted",
                "Automatically while places are free, or one by one by the medical monitor.",
                choices={"automatic": "automatically", "medical_monitor": "by the medical monitor"},
            ),
            Setting(
                "stagger_days", "Between the first two patients of a level", "From first dose to first dose.", "days"
            ),
            Setting(
                "slot_hold_days", "A granted slot is held for", "Then it expires and the place is free again.", "days"
            ),
            Setting(
                "site_slots",
                "Most places of a cohort for one site",
                "While another site waits; when nobody else does, a site may have more.",
                "places",
                none="no limit",
            ),
            Setting(
                "slot_order",
                "Next on the waiting list",
                "Who gets a place that becomes free.",
                choices={
                    "first_come": "who asked first",
                    "round_robin": "the site with the fewest places in the cohort",
                },
            ),
        ),
    ),
    Group(
        "outside",
        "Expansion and backfill",
        (
            Setting(
                "monitor_rate",
                "Review asked above a running DLT rate of",
                "Of all evaluable patients at a level where somebody is outside the count. It asks the committee; it "
                "decides nothing.",
                "%",
            ),
            Setting("monitor_from", "From this many evaluable patients on", "Fewer never ask.", "patients"),
        ),
    ),
    Group(
        "response",
        "Response and times",
        (
            Setting("measurable_serum", "Measurable serum M-protein", "At least this much at baseline.", "g/dL"),
            Setting("measurable_urine", "Measurable urine M-protein", "At least this much at baseline.", "mg/24 h"),
            Setting(
                "measurable_flc",
                "Measurable free light chain",
                "Involved chain, at least this much at baseline.",
                "mg/L",
            ),
            Setting("measurable_marrow", "Measurable marrow plasma cells", "At least this part at baseline.", "%"),
            Setting(
                "screening_days",
                "Screening window, blood and urine",
                "So long before the first dose, standard of care from before the consent may be the baseline.",
                "days",
                none="no baseline from before the consent",
            ),
            Setting(
                "screening_imaging_days",
                "Screening window, marrow and imaging",
                "The same of marrow and imaging.",
                "days",
                none="no baseline from before the consent",
            ),
            Setting(
                "assessment_interval_days", "Assessment interval", "Disease assessments are due this often.", "days"
            ),
            Setting(
                "assessment_window_days",
                "Assessment window",
                "An assessment this much early or late is on time.",
                "days",
            ),
            Setting(
                "response_rules",
                "Response rules",
                "Without any, no disease assessment is asked for: a trial of another disease than myeloma.",
                choices={"IMWG": "IMWG 2016, multiple myeloma", "none": "none"},
            ),
            Setting(
                "denominator",
                "Response rates are of",
                "Who stands in the denominator of ORR and CBR.",
                choices={"all_treated": "all treated patients", "response_evaluable": "response-evaluable patients"},
            ),
            Setting(
                "response_threshold",
                "Time to response and duration count from",
                "The first confirmed response of this category or better.",
                choices={"MR": "minimal response (MR)", "PR": "partial response (PR)"},
            ),
            Setting(
                "dor_death",
                "Death without progression, in the duration of response",
                "Whether it ends the response or ends only the observation.",
                choices={"censor": "is censored", "event": "is an event"},
            ),
            Setting(
                "new_therapy",
                "New therapy before progression",
                "Times and response stop at the last assessment before it, or it changes nothing.",
                choices={"censor": "is censored", "ignore": "is ignored"},
            ),
            Setting(
                "pd_confirmation",
                "Progression by laboratory values needs a second value",
                "If not, the first counts.",
                choices=YES_NO,
            ),
            Setting(
                "ne",
                "An assessment that is not evaluable, between two",
                "Whether the two around it can confirm each other.",
                choices={"skip": "is skipped", "break": "breaks the pair"},
            ),
            Setting(
                "max_confirmation_days",
                "Longest interval of a confirming pair",
                "Over 84 days always warns.",
                "days",
                none="no limit",
            ),
            Setting(
                "missed_assessments",
                "Missed assessments before progression or death",
                "From this many on, the times are censored at the last assessment before.",
                "missed",
                none="are counted all the same",
            ),
            Setting(
                "ttp_myeloma_death",
                "Death from myeloma without recorded progression",
                "In the time to progression and the duration of response.",
                choices={"censor": "is censored", "event": "is an event (IMWG)"},
            ),
            Setting(
                "nadir",
                "Progression counts from",
                "The value that a rise is measured from.",
                choices={"confirmed": "the lowest confirmed value", "lowest": "the lowest value"},
            ),
            Setting(
                "hypercalcaemia_is_pd",
                "Hypercalcaemia counts as progression",
                "As in the 2011 criteria; if not, it is an alert.",
                choices=YES_NO,
            ),
        ),
    ),
)
BY_NAME = {setting.name: setting for group in GROUPS for setting in group.settings}


@dataclass(frozen=True, slots=True)
class Said:
    """A setting with its value, and what it was when the value differs."""

    label: str
    value: str
    meaning: str = ""
    was: str = ""


def said(settings: ProtocolSettings) -> Iterator[tuple[Group, list[Said]]]:
    for group in GROUPS:
        yield group, [Said(s.label, s.said(getattr(settings, s.name)), s.meaning) for s in group.settings]


def differences(was: ProtocolSettings, now: ProtocolSettings) -> list[Said]:
    """Each setting that differs, with both values; the start level is a matter of the ladder."""
    found = [
        Said(s.label, s.said(getattr(now, s.name)), s.meaning, was=s.said(getattr(was, s.name)))
        for s in BY_NAME.values()
        if getattr(was, s.name) != getattr(now, s.name)
    ]
    on = {True: "on", False: "off"}
    return found + [
        Said(f"DLT criterion {code}", on[state], was=on[was.criteria[code]])
        for code, state in now.criteria.items()
        if was.criteria[code] != state
    ]
