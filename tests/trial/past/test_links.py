"""What a page of the past leads to: the same moment on the pages of its trial, and nothing that writes."""

import pytest

from trial.past.links import carry
from trial.past.pages import TRAIL, WRITES


def why_not(path):
    return {"audit": TRAIL, "stop": WRITES}.get(path.split("/")[-2], "")


def carried(page, moment=("as_of", 12)):
    return carry(page, code="t-1", moment=moment, here="/trials/t-1/events/", why_not=why_not)


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ('<a href="/trials/t-1/patients/">', '<a href="/trials/t-1/patients/?as_of=12">'),
        ('<a href="?sort=-grade&amp;page=2">', '<a href="?sort=-grade&amp;page=2&amp;as_of=12">'),
        ('<a href="?">', '<a href="?as_of=12">'),
        ('<a href="/trials/t-1/events/1/#who">', '<a href="/trials/t-1/events/1/?as_of=12#who">'),
        ('<tr data-href="/trials/t-1/events/1/">', '<tr data-href="/trials/t-1/events/1/?as_of=12">'),
        ('<a xlink:href="/trials/t-1/?a=b%26c">', '<a xlink:href="/trials/t-1/?a=b%26c&amp;as_of=12">'),
        ('<div hx-get="/trials/t-1/">', '<div hx-get="/trials/t-1/?as_of=12">'),
        ('<a class="x" href="/trials/t-1/patients/1/stop/">', '<a class="x" >'),  # where something is written
        ('<form method="get">', '<form method="get"><input type="hidden" name="as_of" value="12">'),
        ('<form class="x" method="post" action="/trials/t-1/patients/1/stop/">',
         '<form class="x" method="post" action="/trials/t-1/patients/1/stop/?as_of=12">'),
    ],
)  # fmt: skip
def test_the_moment_is_carried(written, leads):
    assert carried(written) == leads
    assert carried(written, ("cut", 12)) == leads.replace("as_of", "cut")


@pytest.mark.parametrize(
    "written",
    [
        '<a href="/trials/t-1/audit/?find=AE+1">',  # of no moment
        '<a href="/trials/t-2/patients/">',  # another trial's record has its own numbers
        '<a href="/trials/t-1/patients/?as_of=7">',
        '<a href="/trials/t-1/patients/?level=1&amp;cut=7">',
        '<a href="#who">',
        '<a href="">',
        '<a href="https://example.org/trials/t-1/">',
        '<link href="/static/css/base.css">',
        '<a href="/trials/t-1/patients/" data-today>',
        '<form method="get" data-today>',
        '<form method="post" action="/accounts/logout/">',
        "<p>href=&quot;/trials/t-1/&quot;</p>",
    ],
)
def test_everything_else_stays_as_it_is(written):
    assert carried(written) == written
