"""Dates as people type, read and count them, and those of the pure modules' sentences on pages."""

from datetime import date

import pytest
from django import forms

from trial import dates
from trial.forms import Typed
from trial.templatetags.dates import said_dates


class Asked(forms.Form):
    on = Typed(label="Onset", required=False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14 Mar 2026", date(2026, 3, 14)),
        ("4 mar 2026", date(2026, 3, 4)),
        (" 04 MAR 2026 ", date(2026, 3, 4)),
        ("2026-03-14", date(2026, 3, 14)),
        ("29 Feb 2028", date(2028, 2, 29)),
        ("", None),
    ],
)
def test_a_date_is_typed_in_two_forms(typed, meant):
    form = Asked({"on": typed})

    assert form.is_valid()
    assert form.cleaned_data["on"] == meant


@pytest.mark.parametrize(
    "typed",
    [
        "07/08/2026", "13/08/2026", "11/20/2026", "14.03.2026", "14-03-2026", "2026/03/14", "20260314", "2026-W11-6",
        "2026-3-14", "14 March 2026", "14Mar2026", "14 Mar 26", "Mar 14 2026", "14 Mrz 2026", "Mar 2026", "2026-03",
        "2026", "today", "2026-03-14T00:00", "٢٠٢٦-٠٣-١٤", "0", "-1",
    ],
)  # fmt: skip
def test_every_other_form_is_refused_with_both_forms_shown(typed):
    form = Asked({"on": typed})

    assert form.errors["on"] == ["Onset: write a date like 14 Mar 2026 or 2026-03-14."]
    assert form["on"].value() == typed


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("31 Feb 2026", "31 Feb 2026 is no day of the calendar"),
        ("2026-13-01", "2026-13-01 is no day of the calendar"),
        ("29 Feb 2027", "29 Feb 2027 is no day of the calendar"),
        ("0000-00-00", "0000-00-00 is no day of the calendar"),
        ("1 Oct 0026", "the year 0026 is not between 1900 and 2199"),
        ("1850-01-01", "the year 1850 is not between 1900 and 2199"),
        ("9999-12-31", "the year 9999 is not between 1900 and 2199"),
    ],
)
def test_what_is_no_day_says_why(typed, why):
    assert Asked({"on": typed}).errors["on"] == [f"Onset: {why}; write a date like 14 Mar 2026 or 2026-03-14."]


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2026, 3, 14), 1),
        (date(2026, 3, 15), 2),
        (date(2026, 3, 13), -1),
        (date(2026, 3, 12), -2),
        (date(2026, 4, 10), 28),
        (date(2026, 2, 28), -14),
    ],
)
def test_the_first_dose_is_day_1_and_there_is_no_day_0(on, day):
    assert dates.study_day(on, date(2026, 3, 14)) == day


def test_every_date_is_shown_in_a_form_that_can_be_typed():
    for day in (date(2026, 3, 4), date(1999, 12, 31), date(2026, 9, 30)):
        assert dates.read(dates.shown(day)) == day
    assert dates.shown(date(26, 10, 1)) == "1 Oct 0026"


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("PR is confirmed by PR on 2026-09-16.", "PR is confirmed by PR on 16 Sep 2026."),
        ("2026-01-05 and 2026-04-01 are 86 days apart.", "5 Jan 2026 and 1 Apr 2026 are 86 days apart."),
        ("dFLC 372 mg/L: a fall of 39.2 % from 612.", "dFLC 372 mg/L: a fall of 39.2 % from 612."),
        ("", ""),
        (None, ""),
    ],
)
def test_dates_are_written_as_pages_write_them(sentence, said):
    assert said_dates(sentence) == said
