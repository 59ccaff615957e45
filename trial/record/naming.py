"""How people name what the record holds: tables and fields in words, and each row with its patient, drug, parameter
and visit.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps

from ..dates import Partial
from ..models import Audited, Ledger, RowImage, User

Image = Mapping[str, Any]

# how people name a row of its own number or name, by table: the columns that make it
NAMES: dict[str, str] = {
    "patients_patient": "patient {number:03d}",
    "patients_slot": "slot {number}",
    "patients_cohort": "cohort {number}",
    "patients_screening": "screening {number}",
    "patients_consent": "consent {version}",
    "patients_consentversion": "consent form {version}",
    "patients_cycledoses": "cycle {cycle}",
    "patients_cyclestart": "cycle {number}",
    "patients_doseday": "cycle {cycle}, day {day}",
    "patients_deviation": "deviation ({fact})",
    "assessments_adverseevent": "AE {number}",
    "assessments_diseaseassessment": "DA {number}",
    "assessments_assay": "assay {name}",
    "assessments_casenews": "news {number}",
    "assessments_casesubmission": "submission {number}",
    "assessments_safetyreference": "list of expected terms {version}",
    "escalation_decision": "decision {number}",
    "escalation_outsidedecision": "E{number}",
    "escalation_paperopening": "opening {number}",
    "escalation_meeting": "meeting {number}",
    "escalation_datacut": "cut {number} at record no. {record}",
    "trial_protocolversion": "protocol version {number}",
    "trial_doselevel": "level {label}",
    "trial_drug": "{name}",
    "trial_site": "site {code}",
    "trial_trial": "{code}",
    "trial_rightsreview": "rights of the quarter from {quarter}",
    "trial_eligibilitycriterion": "criterion {number}",
}
TABLES = {  # in words, where the model's own name does not say it
    "assessments_actiontaken": "action on a drug",
    "assessments_casedetails": "details of a case report",
    "assessments_caselateness": "reason for a delay",
    "assessments_control": "external control",
    "assessments_cutoff": "cut-off",
    "assessments_dltverdict": "DLT verdict",
    "assessments_differenceresolved": "resolved difference",
    "assessments_eventgrade": "grade over time",
    "assessments_investigatorresponse": "response by the investigator",
    "assessments_questionanswered": "answer of the site",
    "assessments_relation": "relation to a drug",
    "assessments_safetyreference": "list of expected terms",
    "assessments_sample": "biomarker sample",
    "assessments_sponsorassessment": "sponsor's assessment",
    "assessments_sponsorrelation": "relation to a drug by the sponsor",
    "escalation_basischanged": "changed basis",
    "escalation_ending": "end of the signing",
    "escalation_hold": "hold of enrolment",
    "escalation_outsidedecision": "decision outside the count",
    "escalation_outsideending": "end of the signing",
    "escalation_paperending": "end of the signing",
    "escalation_paperopening": "opening of the running trial",
    "patients_amendedpatient": "patient under an amendment",
    "patients_closedlevelanswer": "answer about a closed level",
    "patients_consentversion": "consent form version",
    "patients_dateschecked": "check after a corrected date",
    "patients_dosetaken": "doses taken",
    "patients_followup": "follow-up",
    "patients_patientstanding": "standing",
    "patients_withdrawal": "withdrawal of consent",
    "trial_dose": "dose",
}
OUTCOMES = {  # of a standing, whose column holds the engine's words
    "dlt": "DLT",
    "no_dlt": "no DLT",
    "suspected": "DLT suspected",
    "not_evaluable": "not evaluable",
    "not_dosed": "not dosed",
}
FIELDS = {  # in words, where the column's name does not say it
    "abated": "abated after the drug was stopped",
    "action": "action taken",
    "aware_at": "aware at",
    "aware_on": "aware on",
    "because": "why",
    "by_site": "by the site",
    "canonical": "result in the unit of the rules",
    "complete": "complete report",
    "concomitant": "other drugs",
    "contains": "contains the news up to no.",
    "cycle2_on": "first day of cycle 2",
    "death_cause": "cause of death",
    "degree": "related",
    "delays_cycle_2": "cycle 2 held for it",
    "died_on": "date of death",
    "dlt": "DLT",
    "doses_missed": "doses missed for it",
    "enough_drug": "enough of each drug",
    "ended_on": "end",
    "entered": "result",
    "expected": "expected, as the sponsor says",
    "in_force_on": "in force from",
    "first_dose_on": "first dose",
    "is_dlt": "is a DLT",
    "last_contact_on": "last known alive",
    "left_study_on": "left the study",
    "left_study_reason": "why the study was left",
    "lowest_value": "lowest value",
    "missed_because": "why doses were missed",
    "new_therapy_on": "new therapy begun",
    "on": "day",
    "onset_known": "onset",
    "onset_on": "onset",
    "planned": "amount planned",
    "qualifiers": "answers",
    "received_at": "received by the sponsor",
    "began_on": "first day",
    "last_day": "recorded to day",
    "later_toxicity": "how later toxicity counted",
    "received_level_id": "dose given",
    "reappeared": "reappeared when the drug was given again",
    "related_by_site": "related in the view of the site",
    "related_by_sponsor": "related in the view of the sponsor",
    "sent_at": "told to the sponsor",
    "serious_criteria": "why it is serious",
    "soc": "system organ class",
    "specified": "event in words",
    "stop_reason": "why treatment stopped",
    "stop_related": "stopped for related toxicity",
    "stopped_drugs": "stopped for toxicity of",
    "stopped_on": "treatment stopped",
    "suspected": "suspected by the site",
    "taken": "amount taken",
    "term": "event",
    "tests": "relevant tests",
    "unusual": "why an unlikely value stands",
    "visit_on": "visit",
    "window_ends_on": "last day of the window",
}
# What a row hangs on or is about, in the order in which its name says it.
PARTS = (
    "drug_id",
    "parameter",
    "assessment_id",
    "event_id",
    "assay_id",
    "criterion_id",
    "dose_level_id",
    "decision_id",
    "opening_id",
    "cut_id",
    "meeting_id",
    "subject",
    "version_id",
    "user_id",
    "member_id",
)
SAID = {*PARTS, "by_id", "number", "patient_id", "slot_id", "canonical"}  # of a new row, by its name or beside it
UPWARD = {"patient_id", "slot_id", "assessment_id", "event_id", "meeting_id", "cut_id", "version_id", "decision_id"}
SLOT, PATIENT = "patients_slot", "patients_patient"
A_DRUG = "a drug"  # in the words of a table, where the name of a row has the drug
UNREAD = {"id", "trial_id", "rev"}  # the same on every row, said elsewhere


@dataclass(frozen=True, slots=True)
class Row:
    table: str
    image: Image


class Names:
    """The names of every row and person that some images mention."""

    def __init__(self, people: Mapping[str, str], rows: Mapping[str, Row], of_slots: Mapping[str, str]) -> None:
        """of_slots: the id of the patient of each slot."""
        self._people, self._rows, self._of_slots = people, rows, of_slots

    def short(self, key: str) -> str:
        """A person, or a row that has a number or a name of its own; "" for another."""
        if key in self._people:
            return self._people[key]
        row = self._rows.get(key)
        return NAMES[row.table].format(**row.image) if row else ""

    def patient(self, row: Row) -> str:
        """The number of the patient whom a row is about: "004"; "" where it is about none."""
        found = row if row.table == PATIENT else self._above(row)
        return f"{found.image['number']:03d}" if found else ""

    def what(self, row: Row) -> str:
        """What a row is about beside its patient: "Serum M-protein, visit of 14 Mar 2026 (DA 4)"."""
        parts = [] if row.table == PATIENT else [self.own(row)]
        for column in PARTS:
            value = row.image.get(column)
            if isinstance(value, str):
                parts.append(choices(row.table).get((column, value)) or self._part(value))
        return ", ".join(dict.fromkeys(part for part in parts if part))

    def title(self, row: Row) -> str:
        """A row in words: its own name or its table's, what it is about, and the patient."""
        patient, what = self.patient(row), self.what(row)
        kind = "" if row.table in NAMES else table(row.table)
        drug = self._part(str(row.image.get("drug_id")))
        if drug and A_DRUG in kind:  # "relation to selinexor of AE 3"
            kind, what = kind.replace(A_DRUG, drug), what.removeprefix(drug).removeprefix(", ")
        about = ", ".join(filter(None, (what, f"patient {patient}" if patient else "")))
        return " of ".join(filter(None, (kind, about)))

    def own(self, row: Row) -> str:
        """The row's number or name; of an assessment with the day of the visit."""
        name = NAMES[row.table].format(**row.image) if row.table in NAMES else ""
        visit = row.image.get("visit_on")
        return f"visit of {said(visit)} ({name})" if visit else name

    def above(self, row: Row, column: str) -> Row | None:
        """The row that a column points to."""
        return self._rows.get(str(row.image.get(column)))

    def _part(self, key: str) -> str:
        row = self._rows.get(key)
        if row is None or row.table == PATIENT:
            return self._people.get(key, "")
        name = self.own(row)
        return f"{name}, {self.short(row.image['meeting_id'])}" if row.table == "escalation_datacut" else name

    def _above(self, row: Row) -> Row | None:
        seen, now = 0, row
        while seen < 3:  # no row hangs deeper
            slot = row_id if (row_id := str(now.image["id"])) in self._of_slots else str(now.image.get("slot_id"))
            direct = self._rows.get(str(now.image.get("patient_id") or self._of_slots.get(slot)))
            if direct is not None:
                return direct
            higher = self.above(now, "event_id") or self.above(now, "assessment_id")
            if higher is None:
                return None
            seen, now = seen + 1, higher
        return None


def read(ledger: Ledger, images: Iterable[tuple[str, Image]]) -> Names:
    """Names of all that these rows (table, image) mention, by their last images: four queries, however many rows."""
    rows = [Row(table, image) for table, image in images]
    ids = {str(row.image["id"]) for row in rows}.union(*(_pointed(row.image) for row in rows))
    people = {str(pk): name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}
    found = _last(ledger, ids - people.keys())
    higher = {
        value
        for row in found.values()
        for column, value in row.image.items()
        if column in UPWARD and isinstance(value, str)
    }
    found |= _last(ledger, higher - found.keys())
    slots = {key for key, row in found.items() if row.table == SLOT}
    hosted = RowImage.objects.filter(ledger=ledger, table=PATIENT, image__slot_id__in=sorted(slots)) if slots else ()
    of_slots = {}
    for one in hosted:
        of_slots[one.image["slot_id"]] = str(one.row)
        found.setdefault(str(one.row), Row(PATIENT, one.image))
    return Names(people, found, of_slots)


def _last(ledger: Ledger, ids: Iterable[str]) -> dict[str, Row]:
    """Of the rows that have names, the last image."""
    rows = RowImage.objects.filter(ledger=ledger, table__in=NAMES, row__in=list(ids)).order_by("row", "-number", "-seq")
    return {str(one.row): Row(one.table, one.image) for one in rows.distinct("row")}


def _pointed(image: Image) -> set[str]:
    return {v for k, v in image.items() if isinstance(v, str) and (k.endswith("_id") or k == "subject") and _is_id(v)}


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


@cache
def model(table: str) -> type[Audited] | None:
    return next((m for m in apps.get_models() if m._meta.db_table == table and issubclass(m, Audited)), None)


def table(name: str) -> str:
    """A table in words, as one of its rows is called."""
    found = model(name)
    return TABLES.get(name) or (str(found._meta.verbose_name) if found else name)


def field(column: str) -> str:
    return FIELDS.get(column) or column.removesuffix("_id").replace("_", " ")


@cache
def choices(table: str) -> Mapping[tuple[str, str], str]:
    """The words of what a column may hold, by column and value."""
    found = model(table)
    fields = found._meta.concrete_fields if found else ()
    return {(str(f.column), str(value)): str(label) for f in fields for value, label in f.flatchoices}


@cache
def order(table: str) -> tuple[str, ...]:
    """The columns of a table as its model has them."""
    found = model(table)
    return tuple(str(f.column) for f in found._meta.concrete_fields) if found else ()


def flat(table: str, image: Image) -> dict[str, Any]:
    """A row as people read it: the settings of a protocol version as columns of their own, so that one changed setting
    is one line; a date with how much of it is known as one: Mar 2026; a result below a limit with its sign; the words
    of a choice.
    """
    columns: dict[str, Any] = {}
    for name in [*(n for n in order(table) if n in image), *(n for n in image if n not in order(table))]:
        value = image[name]
        if name == "settings" and isinstance(value, dict):
            columns |= {f"setting {key}": inner for key, inner in value.items()}
        else:
            columns[name] = value
    for name in [n for n in columns if n.endswith("_known") and f"{n.removesuffix('_known')}_on" in columns]:
        known, on = columns.pop(name), f"{name.removesuffix('_known')}_on"
        if known and columns[on]:
            columns[on] = Partial(date.fromisoformat(columns[on]), known).shown
    if image.get("state") == "below_limit":
        columns |= {n: f"<{said(columns[n])}" for n in ("entered", "canonical") if columns.get(n) is not None}
    for (name, value), label in choices(table).items():
        if columns.get(name) == value:
            columns[name] = label
    if (image.get("kind"), image.get("outcome")) == ("open", "stay"):  # the first decision of a trial
        columns["outcome"] = "Opens the level"
    if table == "patients_patientstanding" and "outcome" in columns:
        columns["outcome"] = OUTCOMES.get(columns["outcome"], columns["outcome"])
    return columns


def said(value: Any, names: Names | None = None) -> str:
    """A column's value in words; an id becomes the name of its row."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case float() | Decimal():
            return f"{Decimal(str(value)).normalize():f}"
        case dict():
            return ", ".join(f"{k.replace('_', ' ')}: {said(v, names)}" for k, v in value.items()) or "–"
        case list():
            return f"{len(value)} entries" if len(value) > 6 else ", ".join(said(v, names) for v in value) or "–"
        case str() if names is not None and _is_id(value):
            return names.short(value) or value
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return f"{date.fromisoformat(value):%-d %b %Y}"
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)", value):
            return f"{datetime.fromisoformat(value).astimezone(UTC):%-d %b %Y %H:%M:%S} UTC"
        case _:
            return str(value)
