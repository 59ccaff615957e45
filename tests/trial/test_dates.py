"""Dates of the pure modules' sentences on pages."""

import pytest

from trial.templatetags.dates import said_dates


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
