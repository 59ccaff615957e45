"""Confirmations and times worked by hand from docs/domain.md, sections 7 and 8, each with its reason.

"28:PR 56:PDi": by day after the first dose; PDi on imaging, PDm by marrow, PDl by laboratory values, PDd by source
"death", NEn an NE at which nothing was measurable and no progression was seen.
A time is "event days": 1 or 0, then the days; "-" where there is none.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Confirming:
    reason: str
    visits: str
    confirmed: str  # as of each date; "-" where it does not count
    best: str  # category and day
    unconfirmed: str
    new_therapy: int | None
    settings: dict[str, Any]


def confirming(
    reason: str,
    visits: str,
    confirmed: str,
    best: str,
    unconfirmed: str,
    therapy: int | None = None,
    **settings: object,
) -> Confirming:
    return Confirming(reason, visits, confirmed, best, unconfirmed, therapy, settings)


CONFIRMING = [
    # Each row of the table.
    confirming("same again", "28:PR 56:PR", "PR PR", "PR 28", "PR 28"),
    confirming("a better one confirms the lower", "28:PR 56:VGPR", "PR PR", "PR 28", "VGPR 56"),
    confirming("CR then PR: PR from the first date", "28:CR 56:PR", "PR PR", "PR 28", "CR 28"),
    confirming("PR then SD: SD", "28:PR 56:SD", "SD SD", "SD 28", "PR 28"),
    confirming(
        "the best confirmed so far stays", "28:VGPR 56:VGPR 84:PR 112:SD", "VGPR VGPR VGPR VGPR", "VGPR 28", "VGPR 28"
    ),
    confirming("a later better one takes its place", "28:PR 56:PR 84:CR 112:CR", "PR PR CR CR", "CR 84", "CR 84"),
    confirming("PR, then PD on imaging: SD, then PD", "28:PR 56:PDi", "SD PD", "SD 28", "PR 28"),
    confirming("PR at the last visit: SD", "28:SD 56:PR", "SD SD", "SD 28", "PR 56"),
    confirming("SD needs nothing", "28:SD", "SD", "SD 28", "SD 28"),
    confirming("PD on imaging at once", "28:PDi", "PD", "PD 28", "PD 28"),
    confirming("PD, then death from it: at once", "28:SD 56:PDd", "SD PD", "SD 28", "SD 28"),
    confirming("PD by marrow at once", "28:SD 56:PDm", "SD PD", "SD 28", "SD 28"),
    confirming("PD by laboratory values, then by marrow: the first", "28:PDl 56:PDm", "PD -", "PD 28", "PD 28"),
    confirming("a visit without PD refutes, measurable or not", "28:PDl 56:NEn 84:PDl", "NE NE NE", "NE 28", "PD 28"),
    confirming("it refutes in between only", "28:PDl 56:NEn 84:PDl 112:PDl", "NE NE PD -", "PD 84", "PD 28"),
    confirming("it confirms no response, and is skipped", "28:PR 56:NEn 84:PR", "PR NE PR", "PR 28", "PR 28"),
    confirming("PD by laboratory values, then PD: from the first", "28:SD 56:PDl 84:PDl", "SD PD -", "SD 28", "SD 28"),
    confirming("PD by laboratory values, then PD on imaging: the first", "28:PDl 56:PDi", "PD -", "PD 28", "PD 28"),
    confirming("PD by laboratory values, then SD: NE", "28:PDl 56:SD", "NE SD", "SD 56", "SD 56"),
    confirming("PD by laboratory values alone: NE", "28:PR 56:PR 84:PDl", "PR PR NE", "PR 28", "PR 28"),
    confirming("that NE lies between no pair", "28:PR 56:PDl 84:PR", "PR NE PR", "PR 28", "PR 28"),
    confirming("NE in between is skipped", "28:PR 56:NE 84:PR", "PR NE PR", "PR 28", "PR 28"),
    confirming("NE between the two PD is skipped", "28:SD 56:PDl 84:NE 112:PDl", "SD PD - -", "SD 28", "SD 28"),
    confirming("NE alone", "28:NE", "NE", "NE 28", "NE 28"),
    # Settings.
    confirming("NE breaks the pair", "28:PR 56:NE 84:PR", "SD NE SD", "SD 28", "PR 28", ne="break"),
    confirming("NE breaks the pair of PD", "28:SD 56:PDl 84:NE 112:PDl", "SD NE NE NE", "SD 28", "SD 28", ne="break"),
    confirming("the first PD counts", "28:PR 56:PDl 84:PR", "SD PD -", "SD 28", "PR 28", pd_confirmation=False),
    confirming("56 days are within 56", "28:PR 84:PR", "PR PR", "PR 28", "PR 28", max_confirmation_days=56),
    confirming("57 days are not", "28:PR 85:PR", "SD SD", "SD 28", "PR 28", max_confirmation_days=56),
    confirming("nor for the pair of PD", "28:PDl 85:PDl", "NE NE", "NE 28", "PD 28", max_confirmation_days=56),
    # Nothing after the first PD or new therapy counts.
    confirming("nothing after PD", "28:PDi 56:CR 84:CR", "PD - -", "PD 28", "PD 28"),
    confirming("nothing after new therapy", "28:SD 56:CR 84:CR", "SD - -", "SD 28", "SD 28", 40),
    confirming("confirmed only after new therapy: SD", "28:PR 56:PR", "SD -", "SD 28", "PR 28", 40),
    confirming("the day itself may confirm", "28:PR 56:PR", "PR PR", "PR 28", "PR 28", 56),
    confirming("a response of that day does not count", "28:SD 56:PR 84:PR", "SD SD -", "SD 28", "SD 28", 56),
    confirming("a PD on imaging of that day counts", "28:SD 56:PDi", "SD PD", "SD 28", "SD 28", 56),
    confirming("PD of that day, confirmed after it", "28:SD 56:PDl 84:PDl", "SD PD -", "SD 28", "SD 28", 56),
    confirming("PD before it, confirmed after it", "28:SD 56:PDl 84:PDl", "SD PD -", "SD 28", "SD 28", 60),
    confirming("PD after it does not count", "28:SD 56:PDi", "SD -", "SD 28", "SD 28", 40),
    confirming("new therapy ignored", "28:PR 56:PR", "PR PR", "PR 28", "PR 28", 40, new_therapy="ignore"),
    # Several on one day, and order.
    confirming("the worst of a day", "28:PR 28:SD 56:PR", "SD SD SD", "SD 28", "PR 56"),
    confirming("imaging is the worse PD of a day", "28:PDl 28:PDi", "PD PD", "PD 28", "PD 28"),
    confirming("marrow is the worse PD of a day", "28:PDl 28:PDm", "PD PD", "PD 28", "PD 28"),
    confirming("an NE hides no PD of its day", "28:PDi 28:NE", "PD PD", "PD 28", "PD 28"),
    confirming("two of one day are no pair", "28:PR 28:PR", "SD SD", "SD 28", "PR 28"),
    confirming("records out of order are sorted", "84:PR 28:SD 56:PR", "SD PR PR", "PR 56", "PR 56"),
]


@dataclass(frozen=True)
class Timed:
    reason: str
    visits: str
    times: dict[str, str]
    days: dict[str, int | None]
    cause: str | None
    settings: dict[str, Any]


def timed(
    reason: str,
    visits: str,
    times: str,
    death: int | None = None,
    cause: str | None = None,
    therapy: int | None = None,
    contact: int | None = None,
    cut: int | None = None,
    **settings: object,
) -> Timed:
    """times: "TTP 1 56, DOR -", only those that the case is about."""
    said = dict(one.strip().split(" ", 1) for one in times.split(","))
    days = {"death_date": death, "new_therapy_date": therapy, "last_contact_date": contact, "data_cutoff": cut}
    return Timed(reason, visits, said, days, cause, settings)


RESPONDER = "28:PR 56:PR 84:SD"

TIMED = [
    timed("PD on imaging ends TTP and PFS", "28:SD 56:PDi", "TTP 1 56, PFS 1 56, TTR 0 56, DOR -"),
    timed("PD by laboratory values counts from the first of two", "28:SD 56:PDl 84:PDl", "TTP 1 56, PFS 1 56"),
    timed("alone it is not adequate: censored before it", "28:SD 56:PDl", "TTP 0 28, PFS 0 28, OS 0 56"),
    timed("alone it counts by the setting", "28:SD 56:PDl", "TTP 1 56, PFS 1 56", pd_confirmation=False),
    timed("alone, then death: PFS ends with death", "28:SD 56:PDl", "TTP 0 28, PFS 1 70, OS 1 70", death=70),
    timed("PD by marrow counts at once", "28:SD 56:PDm", "TTP 1 56, PFS 1 56"),
    # A laboratory PD and then the death from myeloma.
    timed(
        "the death from myeloma is its second value",
        "28:SD 56:PDl",
        "TTP 1 56, PFS 1 56, OS 1 70",
        death=70,
        cause="progression",
    ),
    timed("also on the day of the PD", "28:SD 56:PDl", "TTP 1 56, PFS 1 56, OS 1 56", death=56, cause="progression"),
    timed("another cause is none", "28:SD 56:PDl", "TTP 0 28, PFS 1 70", death=70, cause="other"),
    timed("an NE between is skipped", "28:SD 56:PDl 60:NE", "TTP 1 56, PFS 1 56", death=70, cause="progression"),
    timed("or breaks", "28:SD 56:PDl 60:NE", "TTP 0 28, PFS 1 70", death=70, cause="progression", ne="break"),
    timed(
        "an evaluable visit between refutes it",
        "28:SD 56:PDl 60:SD",
        "TTP 0 60, PFS 1 70",
        death=70,
        cause="progression",
    ),
    timed(
        "and so does one where nothing was measurable",
        "28:NEn 56:PDl 60:NEn",
        "TTP 0 60, PFS 1 70",
        death=70,
        cause="progression",
    ),
    timed("the last of several", "28:PDl 56:SD 84:PDl", "TTP 1 84, PFS 1 84", death=90, cause="progression"),
    timed(
        "new therapy between does not matter",
        "28:SD 56:PDl",
        "TTP 1 56, PFS 1 56, OS 1 70",
        death=70,
        cause="progression",
        therapy=60,
    ),
    timed(
        "PD after new therapy does not count",
        "28:SD 56:PDl",
        "TTP 0 28, PFS 0 28, OS 1 70",
        death=70,
        cause="progression",
        therapy=40,
    ),
    timed(
        "within the longest interval",
        "28:SD 56:PDl",
        "TTP 1 56",
        death=84,
        cause="progression",
        max_confirmation_days=28,
    ),
    timed("beyond it", "28:SD 56:PDl", "TTP 0 28, PFS 1 85", death=85, cause="progression", max_confirmation_days=28),
    timed(
        "a death after the cut-off confirms nothing",
        "28:SD 56:PDl",
        "TTP 0 28, PFS 0 28, OS 0 60",
        death=70,
        cause="progression",
        cut=60,
    ),
    timed(
        "on the cut-off it does", "28:SD 56:PDl", "TTP 1 56, PFS 1 56, OS 1 70", death=70, cause="progression", cut=70
    ),
    timed("DOR ends with that PD", "28:PR 56:PR 84:PDl", "DOR 1 56, TTR 1 28", death=90, cause="progression"),
    timed(
        "the response before it stays confirmed by none",
        "28:PR 56:PDl",
        "TTR 0 56, DOR -, TTP 1 56",
        death=70,
        cause="progression",
    ),
    timed(
        "after two missed it is censored as every PD",
        "28:SD 92:PDl",
        "TTP 0 28, PFS 0 28, OS 1 99",
        death=99,
        cause="progression",
        missed_assessments=2,
    ),
    # Nothing measurable: what shows no progression is adequate for TTP and PFS alone.
    timed("adequate for TTP and PFS", "28:NEn 56:NEn", "TTP 0 56, PFS 0 56, TTR 0 0, DOR -"),
    timed("a bare NE is not", "28:NEn 56:NE", "TTP 0 28, PFS 0 28, OS 0 56"),
    timed("the worse NE of a day", "28:NEn 28:NE", "TTP 0 0, PFS 0 0"),
    timed("progression then", "28:NEn 56:PDl 84:PDl", "TTP 1 56, PFS 1 56, TTR 0 56"),
    timed("not after new therapy", "28:NEn 56:NEn", "TTP 0 28, PFS 0 28", therapy=40),
    timed("none missed since it", "28:NEn 56:NEn 84:PDi", "TTP 1 84, TTR 0 0", missed_assessments=2),
    timed("DOR counts it not", "28:PR 56:PR 84:NEn", "DOR 0 28, TTP 0 84"),
    timed("PD with source death counts", "28:SD 56:PDd", "TTP 1 56, PFS 1 56, OS 1 60", death=60),
    timed("an NE is not adequate", "28:SD 56:NE", "TTP 0 28, PFS 0 28, TTR 0 28, OS 0 56"),
    timed("no adequate assessment: day 0", "28:NE", "TTP 0 0, PFS 0 0, TTR 0 0, DOR -, OS 0 28"),
    timed("death without any assessment", "", "TTP 0 0, PFS 1 20, OS 1 20", death=20),
    timed("an event at day 0 counts", "", "TTP 0 0, PFS 1 0, OS 1 0", death=0),
    timed("nothing known but the start", "", "TTP 0 0, PFS 0 0, OS 0 0"),
    timed("an assessment on day 0 is baseline", "0:PDi 28:SD", "TTP 0 28, PFS 0 28"),
    timed("before it too", "-7:PR 0:PR 28:PR", "TTR 0 28, DOR -"),
    timed("first response, its first date", "28:SD 56:PR 84:PR", "TTR 1 56, DOR 0 28"),
    timed("MR is a response", "28:MR 56:MR 84:PDi", "TTR 1 28, DOR 1 56"),
    timed("but not by the threshold PR", "28:MR 56:MR 84:PDi", "TTR 0 84, DOR -", response_threshold="PR"),
    timed("from PR on by the threshold PR", "28:MR 56:PR 84:PR", "TTR 1 56, DOR 0 28", response_threshold="PR"),
    timed("VGPR then MR is MR: below the threshold PR", "28:VGPR 56:MR", "TTR 0 56, DOR -", response_threshold="PR"),
    timed("VGPR then PR is PR from the first date", "28:VGPR 56:PR", "TTR 1 28, DOR 0 28", response_threshold="PR"),
    timed("DOR ends with PD", "28:PR 56:PR 100:PDi", "DOR 1 72, TTP 1 100"),
    timed("DOR is censored at a death without PD", RESPONDER, "DOR 0 56, TTP 0 84, PFS 1 90", death=90),
    timed("or an event by the setting", RESPONDER, "DOR 1 62, TTP 0 84", death=90, dor_death="event"),
    timed("a death from myeloma censors TTP and DOR", RESPONDER, "TTP 0 84, DOR 0 56", death=90, cause="progression"),
    timed(
        "or is an event of both by the setting",
        RESPONDER,
        "TTP 1 90, DOR 1 62, TTR 1 28",
        death=90,
        cause="progression",
        ttp_myeloma_death="event",
    ),
    timed("another death is not", RESPONDER, "TTP 0 84, DOR 0 56", death=90, cause="other", ttp_myeloma_death="event"),
    timed(
        "a death from myeloma is no date of TTR",
        "28:SD",
        "TTP 1 60, TTR 0 28",
        death=60,
        cause="progression",
        ttp_myeloma_death="event",
    ),
    # New therapy.
    timed("censored at the last before new therapy", "28:SD 56:SD 84:PDi", "TTP 0 56, PFS 0 56", therapy=70),
    timed("an assessment of that day is the last", "28:SD 56:SD 84:PDi", "TTP 0 56, PFS 0 56", therapy=56),
    timed("PD of that day counts", "28:SD 56:PDi", "TTP 1 56, PFS 1 56", therapy=56),
    timed("death of that day counts for PFS", "28:SD", "PFS 1 56, OS 1 56", therapy=56, death=56),
    timed("death after it does not, but for OS", "28:SD", "PFS 0 28, TTP 0 28, OS 1 57", therapy=56, death=57),
    timed("response confirmed only after it", "28:PR 56:PR", "TTR 0 28, DOR -", therapy=40),
    timed("DOR is censored before it", "28:PR 56:PR 84:PR 112:PDi", "DOR 0 56, TTR 1 28", therapy=90),
    timed(
        "new therapy ignored by the setting",
        "28:PR 56:PR 84:PDi",
        "TTP 1 84, PFS 1 84, DOR 1 56",
        therapy=40,
        new_therapy="ignore",
    ),
    # Missed assessments: two of 28 days and a window of 7 are 63 days.
    timed("63 days: not two missed", "28:SD 91:PDi", "TTP 1 91, PFS 1 91", missed_assessments=2),
    timed("64 days: censored at the last before", "28:SD 92:PDi", "TTP 0 28, PFS 0 28, TTR 0 28", missed_assessments=2),
    timed("counted all the same without the setting", "28:SD 92:PDi", "TTP 1 92, PFS 1 92"),
    timed("death after two missed", "28:SD", "PFS 0 28, OS 1 92", death=92, missed_assessments=2),
    timed("from the first dose, when there was none: day 0", "", "PFS 0 0, OS 1 64", death=64, missed_assessments=2),
    timed("63 days from the first dose", "", "PFS 1 63", death=63, missed_assessments=2),
    timed("DOR after two missed", "28:PR 56:PR 120:PDi", "DOR 0 28, TTR 1 28, TTP 0 56", missed_assessments=2),
    timed(
        "one missed of 14 days and 3: 18 are too many",
        "28:SD 46:PDi",
        "TTP 0 28",
        missed_assessments=1,
        assessment_interval_days=14,
        assessment_window_days=3,
    ),
    # The cut-off, and OS.
    timed("PD after the cut-off is not known", "28:SD 56:PDi", "TTP 0 28, PFS 0 28, OS 0 50", contact=70, cut=50),
    timed("on the cut-off it is", "28:SD 56:PDi", "TTP 1 56, OS 0 56", cut=56),
    timed("a confirming PD after the cut-off is not known", "28:SD 56:PDl 84:PDl", "TTP 0 28", cut=70),
    timed("a confirming response after the cut-off neither", "28:PR 56:PR", "TTR 0 28, DOR -", cut=50),
    timed("death after the cut-off: alive at it", "28:SD", "PFS 0 28, OS 0 50", death=60, cut=50),
    timed("new therapy after the cut-off is not known", "28:SD 56:SD", "TTP 0 56", therapy=60, cut=56),
    timed("OS: who is assessed after the cut-off was alive at it", "28:SD 84:SD", "OS 0 50, TTP 0 28", cut=50),
    timed("OS: who begins a new therapy after it too", "28:SD", "OS 0 50", therapy=60, cut=50),
    timed("OS: a new therapy is a day known alive", "28:SD", "OS 0 90, TTP 0 28", therapy=90),
    timed("OS: on the cut-off", "28:SD", "OS 0 50", therapy=50, cut=50),
    timed("OS: a contact before the first dose is none after it", "", "OS 0 0", contact=-5),
    timed("OS: ends at the death", "28:SD", "OS 1 60", death=60, contact=90),
    timed("OS: contact after the last assessment", "28:SD", "OS 0 90", contact=90),
    timed("OS: the last assessment after the contact", "28:SD 56:NE", "OS 0 56", contact=40),
    timed("OS: contact on the cut-off", "28:SD", "OS 0 50", contact=50, cut=50),
    timed("OS counts after PD and new therapy", "28:PDi", "TTP 1 28, OS 1 300", therapy=40, death=300),
]
