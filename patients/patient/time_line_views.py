"""A patient's time line: consent, treatment, DLT window, adverse events, disease assessments, follow-up to date."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from assessments.response.figures import anchor
from assessments.response.queries import Course, Seen
from assessments.response.signs import drawing
from patients.consent.models import Withdrawal
from patients.models import Consent, Treatment
from trial import svg
from trial.dates import later, shown
from trial.people.access import Scope
from trial.svg import Bar, Ink, Lane, Point

GRADES: dict[int, tuple[Ink, Ink, float]] = {  # fill, stroke and its width; the grade stands on the bar as well
    1: (Ink.SURFACE, Ink.CONTROL, 1.25),
    2: (Ink.AMBERSOFT, Ink.AMBER, 1.25),
    3: (Ink.REDSOFT, Ink.RED, 1.25),
    4: (Ink.REDSOFT, Ink.RED, 2.5),
    5: (Ink.REDSOFT, Ink.INK, 3),
}
VERDICTS = {"dlt": "DLT", "open": "still open", "suspected": "DLT suspected", "not_dlt": "not a DLT"}
R = 6
MANY = 6  # cycles whose bars are too short for more than their number


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of the figure as a row of its table."""

    lane: str
    start: date
    end: date | None  # None: a day, or still going on
    goes_on: bool
    what: str
    url: str
    since: str = ""  # instead of the start, where the day is not known


@dataclass(frozen=True, slots=True)
class TimeLine:
    until: date
    figure: SafeString
    legend: SafeString
    rows: Sequence[Row]  # by date


def time_line(
    scope: Scope, f: PatientFacts, course: Course | None, consents: Iterable[Consent], withdrawals: Iterable[Withdrawal]
) -> TimeLine | None:
    """The patient's facts up to today at his site, None while there is none."""
    treatment: Treatment | None = getattr(f.patient, "treatment", None)
    today = scope.today_at(f.patient.site)
    lanes = [
        Lane("Consent", points=[*_consents(consents), *_withdrawals(withdrawals)]),
        Lane("Treatment", *_treatment(f, treatment, _died(course), today)),
        Lane("DLT window", bars=_window(f, treatment)),
        *(_event(scope, e, today) for e in sorted(f.events, key=lambda e: (e.event.onset_on, e.event.number))),
        Lane("Response", points=_assessments(scope, course) if course and scope.reads_responses else []),
        Lane("Follow-up", *_follow_up(treatment, course, today)),
    ]
    lanes = [lane for lane in lanes if lane.bars or lane.points]
    if not lanes:
        return None
    return TimeLine(
        until=today,
        figure=svg.lanes_figure(
            lanes,
            key="time-line",
            title=f"Time line of patient {f.patient.code}",
            desc=_describe(scope, f, treatment, course, today),
            until=today,
            day_one=treatment.first_dose_on if treatment else None,
        ),
        legend=svg.legend(_legend(lanes, f, course)),
        rows=sorted(_rows(lanes), key=lambda row: row.start),
    )


def _consents(consents: Iterable[Consent]) -> list[Point]:
    found = []
    for consent in consents:
        name = f"{consent.get_kind_display()} consent".capitalize() if consent.kind == Consent.Kind.TRIAL else (
            f"Consent, {consent.get_kind_display()}"
        )  # fmt: skip
        found.append(
            Point(on=consent.given_on, sign=_signed, title=f"{name}, version {consent.version}, signed", words="signed")
        )
        if consent.withdrawn_on:
            found.append(Point(on=consent.withdrawn_on, sign=_ended, title=f"{name} withdrawn", words="withdrawn"))
    return found


def _withdrawals(withdrawals: Iterable[Withdrawal]) -> list[Point]:
    return [
        Point(on=row.on, sign=_ended, title=f"Withdrawn from {row.get_covers_display()}", words="withdrawn")
        for row in withdrawals
    ]


def _died(course: Course | None) -> date | None:
    return course.follow_up.died_on if course and course.follow_up else None


def _treatment(
    f: PatientFacts, treatment: Treatment | None, died: date | None, today: date
) -> tuple[list[Bar], list[Point]]:
    """A bar a cycle as it was recorded, to the stop, the death or to date. Before the first dose there is nothing."""
    if treatment is None:
        return [], []
    stop, second = treatment.stopped_on, treatment.cycle2_on
    doses = ", ".join(f"{t.drug.name} {t.taken.normalize():f} of {t.planned.normalize():f}" for t in f.doses)
    ended = stop or died
    end = ended or today
    bars = [
        Bar(
            start=treatment.first_dose_on,
            end=later(second, -1) if second else end,
            title=f"Cycle 1 at level {f.level.label}, from the first dose" + (f"; taken: {doses}" if doses else ""),
            words="cycle 1" if f.course and len(f.course.cycles) > 2 else f"cycle 1, level {f.level.label}",
            goes_on=not second and not ended,
        )
    ]
    bars += _later_cycles(f, end, goes_on=not ended)
    points = []
    if stop:
        points.append(Point(on=stop, sign=_stopped, title=f"Treatment stopped: {treatment.stop_reason}"))
    return bars, points


def _later_cycles(f: PatientFacts, end: date, *, goes_on: bool) -> Iterator[Bar]:
    """From the second on; where no third is recorded, it may stand for those that follow."""
    begun = list(f.course.cycles[1:]) if f.course else []
    for cycle, following in zip(begun, [*begun[1:], None], strict=False):
        title = "Cycle 2 and later" if len(begun) == 1 else f"Cycle {cycle.number}"
        yield Bar(
            start=cycle.began_on,
            end=later(following.began_on, -1) if following else end,
            title=title,
            words=title.lower() if len(begun) < MANY else str(cycle.number),
            goes_on=goes_on and following is None,
        )


def _window(f: PatientFacts, treatment: Treatment | None) -> list[Bar]:
    if treatment is None or f.window_ends_on is None:
        return []
    return [
        Bar(
            start=treatment.first_dose_on,
            end=f.window_ends_on,
            title=f"DLT window of {f.window_days} days",
            words=f"{f.window_days} days",
            fill=Ink.SURFACE,
            stroke=Ink.CONTROL,
        )
    ]


def _event(scope: Scope, e: EventFacts, today: date) -> Lane:
    event = e.event
    fill, stroke, width = GRADES[event.grade or 1]
    verdict = VERDICTS.get(e.state, "")
    title = f"{event.code}: {event.title}, {event.graded}" + (f", {verdict}" if verdict else "")
    if event.onset_known:
        title += f", begun in {event.onset.shown}, the day is not known"
    url = reverse("assessments:event", args=[scope.trial.code, event.number])
    bar = Bar(
        start=event.onset_on,
        end=event.ended_on or max(today, event.onset_on),
        title=title,
        words=f"G{event.grade or '?'} {event.title[0].lower()}{event.title[1:]}",
        fill=fill,
        stroke=stroke,
        width=width,
        goes_on=event.ended_on is None,
        url=url,
        since=event.onset.shown if event.onset_known else "",
    )
    sign = {"dlt": _dlt, "suspected": _suspected}.get(e.state)
    return Lane(event.code, [bar], [Point(on=event.onset_on, sign=sign, title=title, url=url)] if sign else [])


def _assessments(scope: Scope, course: Course) -> list[Point]:
    page = reverse("assessments:response_patient", args=[scope.trial.code, course.patient.code])
    return [_assessment(seen, f"{page}#{anchor(seen.row.code)}") for seen in course.assessments]


def _assessment(seen: Seen, url: str) -> Point:
    """The derived category, with what is confirmed and what the investigator says where they are another."""
    if seen.visit is None:
        return Point(
            on=seen.row.visit_on, sign=_baseline, title=f"{seen.row.code}: baseline", words="baseline", url=url
        )
    derived, confirmed = seen.visit.derived.value, seen.visit.confirmed
    told = f"{seen.row.code}: {derived}"
    if confirmed and confirmed.value != derived:
        told += f", confirmed so far {confirmed.value}"
    if seen.said:
        told += f", investigator {seen.said.category}"
    return Point(on=seen.visit.date, sign=drawing(seen.visit.derived), title=told, words=derived, url=url)


def _follow_up(treatment: Treatment | None, course: Course | None, today: date) -> tuple[list[Bar], list[Point]]:
    row = course.follow_up if course else None
    bars: list[Bar] = []
    points: list[Point] = []
    if treatment and treatment.left_study_on:
        points.append(
            Point(on=treatment.left_study_on, sign=_ended, title=f"Left the study: {treatment.left_study_reason}",
                  words="left the study")
        )  # fmt: skip
    if row is None:
        return bars, points
    last = row.died_on or row.last_contact_on
    if treatment and treatment.stopped_on and last and last > treatment.stopped_on:
        words = "after treatment, " + ("to death" if row.died_on else f"alive {shown(last)}")
        bars.append(Bar(start=treatment.stopped_on, end=last, title=words.capitalize(), words="", fill=Ink.SURFACE,
                        stroke=Ink.CONTROL))  # fmt: skip
    if row.new_therapy_on:
        points.append(
            Point(on=row.new_therapy_on, sign=_therapy, title=f"New therapy: {row.new_therapy}", words="new therapy")
        )
    if row.died_on:
        points.append(Point(on=row.died_on, sign=_death, title=f"Death: {row.get_death_cause_display().lower()}",
                            words="died"))  # fmt: skip
    elif row.last_contact_on:
        points.append(Point(on=row.last_contact_on, sign=_contact, title="Last known alive", words="alive"))
    return bars, points


def _rows(lanes: Iterable[Lane]) -> Iterable[Row]:
    """Each fact once: the sign on an event's bar says what the bar says."""
    for lane in lanes:
        for bar in lane.bars:
            yield Row(
                lane.name, bar.start, None if bar.goes_on else bar.end, bar.goes_on, bar.title, bar.url, bar.since
            )
        for point in lane.points:
            if point.title not in {bar.title for bar in lane.bars}:
                yield Row(lane.name, point.on, point.on, False, point.title, point.url)


def _describe(scope: Scope, f: PatientFacts, treatment: Treatment | None, course: Course | None, today: date) -> str:
    """The state in a few sentences; the table under the figure holds every date."""
    events = len(f.events)
    told = [f"First dose {shown(treatment.first_dose_on)}, level {f.level.label}." if treatment else "Not dosed yet."]
    if treatment and treatment.stopped_on:
        told.append(f"Treatment stopped {shown(treatment.stopped_on)}.")
    told.append(f"{events} adverse {'event' if events == 1 else 'events'}.")
    if last := course.last if course and scope.reads_responses else None:
        assert last.visit is not None
        told.append(f"Last assessment {shown(last.visit.date)}: {last.visit.derived.value}.")
    if died := _died(course):
        told.append(f"Died {shown(died)}.")
    return " ".join([*told, f"As of {shown(today)}."])


def _legend(lanes: Sequence[Lane], f: PatientFacts, course: Course | None) -> list[tuple[SafeString, str]]:
    """What the shapes mean that no word beside them tells."""
    states = {e.state for e in f.events}
    found = []
    if f.events:
        found.append((svg.rect(1, 3, 14, 10, fill=Ink.REDSOFT, stroke=Ink.RED), "Adverse event with its grade (G)"))
    if "dlt" in states:
        found.append((_dlt(8, 8), "DLT"))
    if "suspected" in states:
        found.append((_suspected(8, 8), "DLT suspected"))
    if any(bar.goes_on for lane in lanes for bar in lane.bars):
        arrow = ((1, 3), (9, 3), (15, 8), (9, 13), (1, 13))
        found.append((svg.polygon(arrow, fill=Ink.SOFT, stroke=Ink.ACCENT, width=1.25), "Goes on"))
    if any(lane.name == "Treatment" and lane.points for lane in lanes):
        found.append((_stopped(8, 8), "Treatment stopped"))
    return found


def _signed(x: float, y: float) -> SafeString:
    return svg.circle(x, y, R - 1, fill=Ink.ACCENT)


def _baseline(x: float, y: float) -> SafeString:
    return svg.circle(x, y, R - 1, fill=Ink.SURFACE, stroke=Ink.INK2)


def _contact(x: float, y: float) -> SafeString:
    return svg.circle(x, y, R - 2, fill=Ink.INK2)


def _ended(x: float, y: float) -> SafeString:
    return svg.cross(x, y, R - 1)


def _stopped(x: float, y: float) -> SafeString:
    return svg.square(x, y, R, fill=Ink.INK)


def _therapy(x: float, y: float) -> SafeString:
    return svg.diamond(x, y, R, fill=Ink.VIOLET)


def _death(x: float, y: float) -> SafeString:
    return svg.cross(x, y, R, stroke=Ink.INK, width=3)


def _dlt(x: float, y: float) -> SafeString:
    return svg.triangle(x, y, R, fill=Ink.RED)


def _suspected(x: float, y: float) -> SafeString:
    return svg.half_triangle(x, y, R, ink=Ink.RED)
