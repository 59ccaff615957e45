"""The casebook of one patient: every fact of the record about him, each value with the action that gave it.

Made from the images of the audit trail, so it holds what the record holds: also what was corrected, and what was taken
back. A verdict that another reader may not know yet stays shut, as on every page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assessments.count.queries import PatientFacts
from trial.dates import shown
from trial.instants import shown as at
from trial.models import Artifact, AuditEvent, Ledger, RowImage, Trial, User
from trial.paper.document import Column, Document, Facts, Paragraph, Row, Section, Table
from trial.record import found, naming, trail
from trial.record.pages import RESPONSES
from trial.record.trail import Change, Entry, Trail, Written

from .. import words
from ..situation import queries
from . import frame

SUB_STUDY = ("assessments_sample",)
DERIVED = ("patients_patientstanding", "escalation_basischanged")  # by rule: no fact that anybody entered
SECTIONS: dict[str, tuple[str, ...]] = {
    "Screening and consent": (
        "patients_screening",
        "patients_slot",
        "patients_eligibilityanswer",
        "patients_consent",
        "patients_withdrawal",
    ),
    "Enrolment and treatment": (
        "patients_patient",
        "patients_amendedpatient",
        "patients_treatment",
        "patients_dosetaken",
        "patients_cyclestart",
        "patients_cycledoses",
        "patients_doseday",
        "patients_closedlevelanswer",
        "patients_dateschecked",
        "patients_deviation",
    ),
    "Adverse events": (
        "assessments_adverseevent",
        "assessments_relation",
        "assessments_actiontaken",
        "assessments_eventgrade",
        "assessments_sponsorassessment",
        "assessments_sponsorrelation",
        "assessments_casenews",
        "assessments_casesubmission",
        "assessments_caselateness",
        "assessments_casedetails",
    ),
    "DLT verdicts and evaluability": ("assessments_dltverdict", "assessments_evaluability"),
    "Disease assessments and response": RESPONSES,
    "sBCMA sub-study": SUB_STUDY,
    "Follow-up": ("patients_followup",),
}
OTHER = "Other facts"
FULL, PLAIN = "full", "without-responses"
SHUT = "Shut until the first and the second reader have answered."


def key(patient: str, site: str, *, responses: bool) -> str:
    """What of casebooks is asked for: whose, of which site, and whether responses and sub-study are in it."""
    return f"{patient} {site} {FULL if responses else PLAIN}"


def parts(key: str) -> tuple[str, str, bool]:
    """The other way: patient, site, and whether responses are in it."""
    patient, site, which = key.split()
    return patient, site, which == FULL


def patient(artifact: Artifact) -> int:
    return int(parts(artifact.key)[0])


@dataclass(slots=True)
class _Fact:
    """A row as it stands: by column the value, and the numbers of the actions that gave it and corrected it."""

    name: str
    table: str
    shut: bool = False
    voided: bool = False
    values: dict[str, tuple[str, list[int]]] = field(default_factory=dict)


def document(artifact: Artifact) -> Document:
    """Under `as_of` the artifact's number."""
    code, _, responses = parts(artifact.key)
    trial = Trial.objects.get(pk=artifact.trial_id)
    here = queries.situation(trial, artifact.on)
    assert here is not None, "asked for only of a patient that there is"
    f = next(f for f in here.facts if f.patient.code == code)
    entries = _entries(trial, f, responses=responses)
    facts = _facts(entries, code)
    return frame.made(
        artifact,
        sections=[
            Section("The patient", [Facts(_about(f)), Paragraph(_reads(responses), tone="note")]),
            *(Section(name, [_table(name, rows)]) for name, rows in _by_section(facts.values())),
            Section("Audit", [_corrections(entries), _actions(entries, trial.time_zone)], wide=True),
        ],
    )


def _entries(trial: Trial, f: PatientFacts, *, responses: bool) -> list[Entry]:
    """The actions that wrote of him, in order, each with what it wrote of him."""
    of = Trail(Ledger.objects.get(trial=trial), trial.time_zone, trail.shut(trial.pk, User()))  # as nobody reads it
    numbers = found.numbers(of, found.Asked(None, frozenset({f.patient.pk})), table="", field="")
    assert numbers is not None
    closed = DERIVED if responses else (*DERIVED, *RESPONSES, *SUB_STUDY)
    images = RowImage.objects.filter(ledger=of.ledger, number__in=numbers).exclude(table__in=closed)
    written = [
        Written(one.number, one.table, one.row, one.image, one.before)  # type: ignore[attr-defined]
        for one in trail.before(images).order_by("number", "seq")
    ]
    events = AuditEvent.objects.filter(ledger=of.ledger, number__in={one.number for one in written})
    told = trail.told(of, events.select_related("by").defer("body").order_by("number"), written)
    mine = [Entry(e.event, e.verb, e.acting_as, [c for c in e.changes if c.patient == f.patient.code]) for e in told]
    return [entry for entry in mine if entry.changes]


def _facts(entries: Sequence[Entry], code: str) -> dict[str, _Fact]:
    facts: dict[str, _Fact] = {}
    for entry in entries:
        for change in entry.changes:
            fact = facts.setdefault(str(change.row), _Fact(_name(change, code), change.table))
            fact.shut, fact.voided = change.shut, change.voided
            for column in change.columns:
                if not column.said and column.name != "voided":
                    before = [] if change.new else fact.values.get(column.name, ("", []))[1]
                    fact.values[column.name] = (column.now, [*before, entry.event.number])
    return facts


def _name(change: Change, code: str) -> str:
    name = change.name.removesuffix(f", patient {code}").removesuffix(f" of patient {code}")
    return f"{name[0].upper()}{name[1:]}"


def _by_section(facts: Iterable[_Fact]) -> Iterable[tuple[str, list[_Fact]]]:
    of = {naming.table(table): name for name, tables in SECTIONS.items() for table in tables}
    grouped: dict[str, list[_Fact]] = {name: [] for name in (*SECTIONS, OTHER)}
    for fact in facts:
        grouped[of.get(fact.table, OTHER)].append(fact)
    return [(name, rows) for name, rows in grouped.items() if rows]


def _table(name: str, facts: Sequence[_Fact]) -> Table:
    rows = []
    for fact in facts:
        rows.append(
            Row([f"{fact.name}{', taken back' if fact.voided else ''}", SHUT if fact.shut else "", ""], "class")
        )
        for what, (value, numbers) in fact.values.items():
            if value != "–" or len(numbers) > 1:
                rows.append(Row([what, value, ", ".join(map(str, dict.fromkeys(numbers)))], "inner"))
    return Table(name, [Column("Fact", 1), Column("Value", 2.2), Column("Record no.", number=True)], rows)


def _corrections(entries: Sequence[Entry]) -> Table:
    rows = [
        Row([str(entry.event.number), change.name, column.name, column.was, column.now, entry.reason])
        for entry in entries
        for change in entry.changes
        if not change.new
        for column in change.columns
    ]
    columns = [Column("No.", number=True), Column("Fact", 1.2), Column("Field", 0.8)]
    columns += [Column("Was", 1), Column("Is", 1), Column("Reason", 1.4)]
    return Table("What was changed after it was entered", columns, rows, empty="Nothing was changed.")


def _actions(entries: Sequence[Entry], zone: str) -> Table:
    rows = [
        Row(
            [
                str(entry.event.number),
                at(entry.event.at, zone),
                entry.who,
                entry.acting_as,
                entry.verb,
                SHUT if entry.shut else entry.event.reason,
            ]
        )
        for entry in entries
    ]
    columns = [
        Column("No.", number=True),
        Column("When"),
        Column("Who", 1),
        Column("As", 1),
        Column("What was done", 1.4),
    ]
    return Table("The actions that wrote of this patient", [*columns, Column("Reason", 1.4)], rows)


def _about(f: PatientFacts) -> list[tuple[str, str]]:
    treatment = getattr(f.patient, "treatment", None)
    first = shown(treatment.first_dose_on) if treatment else "not given"
    stopped = treatment.stopped_on if treatment else None
    return [
        ("Patient", f.patient.code),
        ("Site", f"{f.patient.site.code}, {f.patient.site.name}"),
        ("Cohort", f"{f.patient.cohort.number}, {f.patient.role}"),
        ("Level assigned", f.patient.cohort.dose_level.label),
        ("Level received", f.level.label if treatment else "none yet"),
        ("First dose", first),
        ("Treatment stopped", shown(stopped) if stopped else "no"),
        ("DLT window", f.window_said or "not begun"),
        ("Counts as", f"{words.OUTCOMES[f.outcome]}. {f.because}"),
        ("Adverse events", str(len(f.events))),
        ("Entered from paper", "yes" if f.patient.from_paper else "no"),
    ]


def _reads(responses: bool) -> str:
    left = "" if responses else " Disease assessments, responses and the sBCMA sub-study are not in this copy."
    return (
        "Each value stands with the number of the action that gave it; several numbers: it was corrected by the last. "
        f"The last section says who acted when, and what each correction replaced.{left}"
    )
