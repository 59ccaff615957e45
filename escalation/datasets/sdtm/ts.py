"""TS: what the trial is, by its protocol in force. Parameters that CDISC has no term for are the program's own."""

from collections.abc import Iterator
from typing import NamedTuple

from patients.queries import plain
from trial.protocol_settings import CRITERIA
from trial.queries import Protocol

from .. import codes
from ..definition import Dataset, Row, text, whole, yes_or_no
from ..reading import Reading

VARIABLES = (
    text("STUDYID", "Study Identifier", 40, "The trial's code."),
    text("DOMAIN", "Domain Abbreviation", 2, "TS."),
    whole("TSSEQ", "Sequence Number", "Counts the records of one parameter."),
    text("TSGRPID", "Group ID", 20, "Of a dose: the code of its level, as DM's ARMCD."),
    text("TSPARMCD", "Trial Summary Parameter Short Name", 8, "Of CDISC, or the program's own.", codes.TSPARMCD),
    text("TSPARM", "Trial Summary Parameter", 40, "The parameter in words."),
    text("TSVAL", "Parameter Value", 200, "Of the trial and of the protocol version in force."),
    text("TSVAL1", "Parameter Value 1", 200, "What of TSVAL is more than 200 characters."),
    text("TSVALNF", "Parameter Null Flavor", 10, "UNK where the value is not known.", codes.NULLFLAVOR),
    text("TSVALCD", "Parameter Value Code", 20, "The NCI code of a controlled value."),
    text("TSVCDREF", "Name of the Reference Terminology", 20, "Of TSVALCD."),
)


class Said(NamedTuple):
    """One record. known: False where the value is asked for and not known."""

    code: str
    value: str
    group: str | None = None
    nci: str | None = None
    known: bool = True


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "TS",
        "Trial Summary",
        "One record per trial summary parameter value",
        ("STUDYID", "TSPARMCD", "TSSEQ"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    said = [*_of_trial(reading), *_doses(reading)]
    if reading.protocol:
        said += _of_protocol(reading.protocol)
    for code in sorted({one.code for one in said}):
        for k, one in enumerate((one for one in said if one.code == code), 1):
            yield (
                reading.study, "TS", k, one.group, code, codes.TSPARMCD.terms[code],
                one.value[:200] or None, one.value[200:] or None,
                None if one.known else "UNK", one.nci, "NCI EVS" if one.nci else None,
            )  # fmt: skip


def _of_trial(reading: Reading) -> Iterator[Said]:
    trial, source = reading.trial, reading.source
    yield Said("TITLE", trial.title)
    yield Said("INDIC", trial.disease, known=bool(trial.disease))
    yield Said("SPONSOR", trial.sponsor or "", known=bool(trial.sponsor))
    yield Said("REGID", "", known=False)
    yield Said("TPHASE", "PHASE I TRIAL", nci="C15600")
    yield Said("TBLIND", "OPEN LABEL", nci="C49659")
    yield Said("RANDOM", "N", nci="C49487")
    yield Said("DCUTDTC", source.on.isoformat())
    yield Said("DCUTDESC", f"Number {source.number} of the audit trail, sealed as {source.hash}")
    yield Said("ILLUSTR", yes_or_no(trial.illustrative))
    yield Said("SIMULATE", yes_or_no(trial.simulated))
    if trial.label:
        yield Said("DATANOTE", trial.label)
    for drug in reading.drugs:
        yield Said("TRT", drug.name)


def _of_protocol(protocol: Protocol) -> Iterator[Said]:
    s = protocol.settings
    yield Said("PROTVER", str(protocol.version.number))
    yield Said("NARMS", str(len(protocol.levels)))
    yield Said("STARTLEV", protocol.level(s.start).label)
    yield Said("RULE", s.variant)
    yield Said("RULEAB", f"A={s.a}, B={s.b}, C={s.c}, D={s.d}, E={s.e}")
    yield Said("CYCLEN", f"P{s.cycle_days}D")
    yield Said("DLTWIN", f"P{s.window_days}D")
    yield Said("DLTDOSE", plain(s.fraction))
    yield Said("DLTCRIT", ", ".join(name for name in CRITERIA if s.criteria[name]))
    yield Said("CTCAE", s.ctcae_version)
    yield Said("TEAEEND", f"P{s.emergent_days}D")
    yield Said("RESPCRIT", s.response_rules)
    yield Said("RESPDEN", s.denominator)


def _doses(reading: Reading) -> Iterator[Said]:
    """A record a level and drug, the lowest level first."""
    for level in reading.protocol.levels if reading.protocol else ():
        for dose in level.doses.all():
            amount = f"{plain(dose.amount)} {dose.unit}".strip()
            said = ", ".join(filter(None, (f"{dose.drug.name} {amount}".strip(), dose.schedule)))
            yield Said("LEVDOSE", said, group=reading.arms[level.pk][0])
