"""The patient's time line: every kind of fact in its lane, at its day, and in the table with its link."""

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.response import follow_up
from patients.dosing import services
from patients.follow_up.services import Followed
from tests import factories
from trial import svg
from trial.models import Drug

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def study(db):
    return factories.study().open()


def page(study, patient, by=None):
    client = Client()
    client.force_login(by or study.investigator, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(reverse("patients:patient", args=[study.trial.code, patient.code]))


def time_line(study, patient):
    return page(study, patient).context["time_line"]


def told(study, patient):
    return [(row.lane, f"{row.start:%d %b}", row.what) for row in time_line(study, patient).rows]


def figure(study, patient):
    drawn = re.search(r'<svg [^>]*class="fig lanes".*?</svg>', page(study, patient).content.decode(), re.S)
    return ElementTree.fromstring(drawn[0])


def test_a_patient_who_is_not_dosed_has_his_consent(study):
    patient = study.enrol()

    assert told(study, patient) == [("Consent", "05 Jan", "Trial consent, version 1.0, signed")]


def test_the_whole_course_stands_in_order_of_date(study):
    patient = study.dose()
    study.assess(patient, serum_m="3.0", urine_m="20")
    study.later(2)
    dlt = study.dlt(patient)
    study.later(26)
    study.assess(patient, serum_m="1.4", urine_m="20")
    study.later(12)
    with study.at():
        services.stop_treatment(
            trial=study.trial.pk, patient=patient.pk, on=study.today, stop_reason="Progression", by=study.investigator,
            key=uuid.uuid4(),
        )  # fmt: skip
    study.later(30)
    with study.at():
        follow_up.record_follow_up(
            trial=study.trial.pk, patient=patient.pk, said=Followed(died_on=study.today, death_cause="progression"),
            rev=0, by=study.investigator, key=uuid.uuid4(),
        )  # fmt: skip

    assert told(study, patient) == [
        ("Consent", "05 Jan", "Trial consent, version 1.0, signed"),
        ("Treatment", "05 Jan", "Cycle 1 at level 1, from the first dose"),
        ("DLT window", "05 Jan", "DLT window of 28 days"),
        ("Response", "05 Jan", "DA 1: baseline"),
        (dlt.code, "07 Jan", f"{dlt.code}: Platelet count decreased, grade 4, DLT"),
        ("Response", "02 Feb", "DA 2: PR, confirmed so far SD"),
        ("Treatment", "14 Feb", "Treatment stopped: Progression"),
        ("Follow-up", "14 Feb", "After treatment, to death"),
        ("Follow-up", "16 Mar", "Death: progression of myeloma"),
    ]


def test_an_event_that_time_or_an_answer_still_decides_is_said_to_be_open(study):
    patient = study.dose()
    study.event(patient, term="Neutrophil count decreased", grade=4)  # H1 asks for seven days

    assert time_line(study, patient).rows[-1].what == "AE 1: Neutrophil count decreased, grade 4, still open"
    assert "still open" in page(study, patient).content.decode()


def test_an_event_leads_to_its_record_from_figure_and_table(study):
    patient = study.dose()
    event = study.event(patient, grade=3)
    url = reverse("assessments:event", args=[study.trial.code, event.number])

    bars = [g for g in figure(study, patient).iter(f"{SVG}g") if g.get("data-href") == url]

    assert any("G3 platelet count decreased" in "".join(bar.itertext()) for bar in bars)
    assert f'<td data-label="What" class="wide"><a href="{url}">' in page(study, patient).content.decode()


def test_an_assessment_leads_to_its_row_of_the_response_page(study):
    patient = study.dose()
    study.assess(patient, serum_m="3.0")
    url = next(row.url for row in time_line(study, patient).rows if row.lane == "Response")
    path, _, row = url.partition("#")
    client = Client()
    client.force_login(study.investigator, settings.AUTHENTICATION_BACKENDS[-1])

    with study.at():
        assert f'id="{row}"' in client.get(path).content.decode()


def test_a_suspected_dlt_is_a_half_triangle_and_an_ongoing_event_an_arrow(study):
    patient = study.dose()
    study.event(patient)
    study.later(3)

    answer = page(study, patient)
    drawn = answer.content.decode()

    assert "DLT suspected</li>" in drawn
    assert "Goes on</li>" in drawn
    assert [row.goes_on for row in answer.context["time_line"].rows if row.lane == "AE 1"] == [True]


def test_the_time_line_ends_on_the_clinical_date_and_says_so(study):
    patient = study.dose()
    study.later(9)

    assert "as of 14 Jan 2026" in page(study, patient).content.decode()
    assert "As of 14 Jan 2026." in figure(study, patient)[1].text


def test_more_assessments_and_events_cost_no_more_queries(study):
    patient = study.dose()
    study.assess(patient, serum_m="3.0")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page(study, patient)
        return len(queries)

    study.event(patient, grade=1)
    asked()
    few = asked()
    for _ in range(3):
        study.later(7)
        study.assess(patient, serum_m="2.0")
        study.event(patient, grade=1)
    asked()

    assert asked() == few


# The generic figure


def test_no_class_of_the_figure_is_one_that_a_sheet_hides(study, pytestconfig):
    """`.bar` is the phone's bottom bar: a mark of that name would be drawn there only."""
    sheets = "".join(path.read_text() for path in (pytestconfig.rootpath / "static/css").iterdir())
    patient = study.dose()
    study.dlt(patient)
    used = {name for part in figure(study, patient).iter() for name in (part.get("class") or "").split()}

    hidden = re.findall(r"([^{}]+)\{[^{}]*display: none", sheets)

    assert used & {name for rule in hidden for name in re.findall(r"\.([\w-]+)", rule)} == set()


def lanes(*given, until=date(2026, 3, 1), **more):
    drawn = svg.lanes_figure(given, key="l", title="A line", desc="What it shows", until=until, **more)
    return ElementTree.fromstring(re.search(r'<svg [^>]*class="fig lanes".*?</svg>', drawn, re.S)[0])


def words(root):
    return [part.text for part in root.iter(f"{SVG}text")]


def bar(start, end, **more):
    return svg.Bar(start=start, end=end, title="A fact", words="fact", **more)


def test_days_are_counted_from_day_one_under_the_dates():
    first = date(2026, 1, 5)

    drawn = words(lanes(svg.Lane("Treatment", [bar(first, date(2026, 3, 1))]), day_one=first))

    assert drawn[:4] == ["5 Jan", "day 1", "2 Feb", "day 29"]


def test_a_bar_of_twice_the_days_is_twice_as_long():
    start = date(2026, 1, 5)
    root = lanes(svg.Lane("A", [bar(start, start + timedelta(20))]), svg.Lane("B", [bar(start, start + timedelta(40))]))

    def length(shape):
        across = [float(pair.split(",")[0]) for pair in shape.get("points").split()]
        return max(across) - min(across)

    short, long = (length(shape) for shape in root.iter(f"{SVG}polygon"))

    assert long == pytest.approx(2 * short, abs=0.05)


def test_words_of_two_points_never_stand_on_each_other():
    day = date(2026, 1, 5)
    close = [
        svg.Point(on=day + timedelta(k), sign=lambda x, y: svg.circle(x, y, 4), title=f"fact {k}", words="progression")
        for k in range(3)
    ]

    root = lanes(svg.Lane("A", points=close), until=date(2026, 12, 1))

    assert words(root).count("progression") == 1
    assert [t.text for t in root.iter(f"{SVG}title")][1:] == ["fact 0", "fact 1", "fact 2"]


def test_five_years_grow_beyond_the_page_and_keep_visits_apart():
    first = date(2026, 1, 5)
    root = lanes(svg.Lane("A", [bar(first, date(2031, 1, 5))]), until=date(2031, 1, 5), day_one=first)

    assert float(root.get("width")) > 1.4 * 1826


def test_doses_stand_with_the_cycle(study):
    patient = study.dose()
    study.take_doses(patient, taken=80)
    drugs = Drug.objects.filter(trial=study.trial).order_by("position")

    cycle = next(row.what for row in time_line(study, patient).rows if row.lane == "Treatment")

    assert cycle == "Cycle 1 at level 1, from the first dose; taken: " + ", ".join(f"{d.name} 80 of 100" for d in drugs)
    assert Decimal(80) == patient.doses_taken.first().taken
