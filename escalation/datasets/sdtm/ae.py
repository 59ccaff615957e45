"""AE: adverse events as they were reported, the sponsor's word beside the investigator's. Many: read in pieces."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from assessments.event_words import Criterion, Degree
from assessments.events import expected
from assessments.events.models import SafetyReference
from trial.models import Drug

from .. import codes
from ..definition import Dataset, Row, Variable, dtc, iso, text, whole, yes_or_no
from ..reading import Reading
from ..subjects import Subject
from . import frame
from .reported import Answers, Reported, reported

SERIOUS = {
    Criterion.DEATH: ("AESDTH", "Results in Death"),
    Criterion.LIFE_THREATENING: ("AESLIFE", "Is Life Threatening"),
    Criterion.HOSPITALISATION: ("AESHOSP", "Requires or Prolongs Hospitalization"),
    Criterion.DISABILITY: ("AESDISAB", "Persist or Signif Disability/Incapacity"),
    Criterion.ANOMALY: ("AESCONG", "Congenital Anomaly or Birth Defect"),
    Criterion.IMPORTANT: ("AESMIE", "Other Medically Important Serious Event"),
}
STRONGEST = [degree.value for degree in Degree]  # by rising strength
UNCODED = "MedDRA is licensed: always empty."


def variables(drugs: Sequence[Drug]) -> tuple[Variable, ...]:
    return (
        *frame.identifiers("AE", "The event's number in the trial, which is never used again."),
        text("AESPID", "Sponsor-Defined Identifier", 20, "As people see it: AE 14."),
        text("AETERM", "Reported Term for the Adverse Event", 200, "What was specified of 'Other', else the term."),
        text("AEDECOD", "Dictionary-Derived Term", 150, "The CTCAE term of the version in TS; not MedDRA."),
        whole("AEPTCD", "Preferred Term Code (empty)", UNCODED),
        text("AEBODSYS", "Body System or Organ Class", 120, "The system organ class of the CTCAE term."),
        whole("AEBDSYCD", "Body System or Organ Class Code (empty)", UNCODED),
        text("AESER", "Serious Event", 1, "The site's answer.", codes.YES_OR_NO),
        *(text(name, label, 1, "Of the criteria that make it serious; empty where they were not asked yet.",
               codes.YES_OR_NO) for name, label in SERIOUS.values()),
        text("AETOXGR", "Standard Toxicity Grade", 1, "The worst of its grades; empty while it waits for one.",
             codes.TOXGR),
        text("AEREL", "Causality", 20, "The investigator's strongest relation to any drug.", codes.CAUSALITY),
        *(text(f"AEREL{k}", f"Causality to Drug {k}", 20, f"The investigator's relation to {drug.name}.",
               codes.CAUSALITY) for k, drug in enumerate(drugs, 1)),
        *(text(f"AERELS{k}", f"Causality to Drug {k}, Sponsor", 20, f"The sponsor's relation to {drug.name}.",
               codes.CAUSALITY) for k, drug in enumerate(drugs, 1)),
        text("AEACN", "Action Taken with Study Treatment", 20, "MULTIPLE where drugs differ.", codes.ACN_ALL),
        *(text(f"AEACN{k}", f"Action Taken with Drug {k}", 20, f"What was done about {drug.name}.", codes.ACN)
          for k, drug in enumerate(drugs, 1)),
        text("AEOUT", "Outcome of Adverse Event", 40, "The site's answer; empty while it is not given.", codes.OUT),
        text("AEEXP", "Expected", 1, "By the list of expected terms in force at the onset, or the sponsor against it; "
             "empty while it cannot be said; not of SDTM.", codes.YES_OR_NO),
        dtc("AESTDTC", "Start Date/Time of Adverse Event", "As much of the onset as is known."),
        dtc("AEENDTC", "End Date/Time of Adverse Event", "Its last day."),
        whole("AESTDY", "Study Day of Start of Adverse Event", "Empty where the day of onset is not known."),
        whole("AEENDY", "Study Day of End of Adverse Event", "From the first dose; there is no day 0."),
        text("AEENRTPT", "End Relative to Reference Time Point", 10, "ONGOING while it has no end.", codes.STENRF),
        dtc("AEENTPT", "End Reference Time Point", "The day of the reading or the cut, or of a death before."),
        dtc("AEAWDTC", "Date/Time Site Became Aware", "In UTC where the time is known; not of SDTM."),
    )  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "AE",
        "Adverse Events",
        "One record per adverse event per subject",
        frame.keys("AE"),
        variables(reading.drugs),
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    lists = expected.lists(reading.trial.pk)
    drugs = [drug.pk for drug in reading.drugs]
    nothing: Answers = [None] * len(drugs)
    for some in reading.some(reading.patients):
        found = reported(reading.trial.pk, list(some), drugs)
        for pk, one in some.items():
            for event in found.get(pk, ()):
                yield _row(reading, one, event, lists, nothing)


def _row(reading: Reading, one: Subject, event: Reported, lists: Sequence[SafetyReference], nothing: Answers) -> Row:
    relations, sponsor = event.relations or nothing, event.sponsor or nothing
    actions = [_action(said) for said in event.actions or nothing or ()]
    on, criteria = reading.source.on, event.serious_criteria
    return (
        reading.study, "AE", one.usubjid, event.number, f"AE {event.number}", event.specified or event.term, event.term,
        None, event.soc, None, yes_or_no(event.serious),
        *(None if criteria is None else yes_or_no(criterion.value in criteria) for criterion in SERIOUS),
        str(event.grade) if event.grade else None,
        _strongest(relations), *map(_upper, relations or ()), *map(_upper, sponsor or ()),
        _together(actions), *actions,
        codes.OUT_TERMS[event.outcome] if event.outcome else None,
        _expected(event, lists),
        str(event.onset), iso(event.ended_on),
        None if event.onset_known else one.day(event.onset_on), one.day(event.ended_on),
        *((None, None) if event.ended_on else ("ONGOING", iso(min(on, one.died) if one.died else on))),
        _aware(event),
    )  # fmt: skip


def _upper(degree: str | None) -> str | None:
    return degree.upper() if degree else None


def _strongest(relations: Answers) -> str | None:
    return _upper(max((said for said in relations or () if said), key=STRONGEST.index, default=None))


def _action(said: str | None) -> str | None:
    return codes.ACN_TERMS[said] if said else None


def _together(actions: Sequence[str | None]) -> str | None:
    said = {one for one in actions if one}
    return codes.MULTIPLE if len(said) > 1 else next(iter(said), None)


def _expected(event: Reported, lists: Sequence[SafetyReference]) -> str | None:
    answer = event.overruled
    if answer is None:
        answer = expected.by_list(event, lists).expected
    return None if answer is None else yes_or_no(answer)


def _aware(event: Reported) -> str | None:
    if event.aware_at:
        return event.aware_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    return iso(event.aware_on)
