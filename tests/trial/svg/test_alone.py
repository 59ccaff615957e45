"""A figure that left its page says what it is, and needs no stylesheet."""

from xml.etree import ElementTree

from trial import svg
from trial.svg import Ink

NAME = "{http://www.w3.org/2000/svg}"


def test_it_holds_title_moment_legend_and_notes_and_nothing_of_the_page():
    mark = svg.mark(svg.circle(5, 5, 2, fill=Ink.RED), title="<001>", url="/trials/x/patients/001/", key="p-1")
    halo = svg.text(1, 1, "PR", cls="halo")
    drawn = svg.figure(300, 100, key="k", title="A figure", desc="Red is & red.", parts=[mark, halo])

    legend = [(str(svg.hidden_figure(16, 16, parts=[mark])), "DLT")]

    alone = svg.alone(str(drawn), title="Doses <of> 001", lines=["Record no. 7"], legend=legend, notes=["word " * 60])

    root = ElementTree.fromstring(alone)
    assert root.findtext(f"{NAME}title") == "Doses <of> 001"
    assert root.findtext(f"{NAME}desc") == "Red is & red."
    texts = ["".join(one.itertext()) for one in root.iter(f"{NAME}text")]
    assert texts[:2] == ["Doses <of> 001", "Record no. 7"]
    assert {"PR", "DLT"} <= set(texts)
    assert " ".join(texts[-3:]).split().count("word") >= 30
    assert "/trials/" not in alone
    assert 'class="' not in alone
    assert float(root.get("height")) > 100 + 16
    white = root.find(f"{NAME}rect")
    assert (white.get("width"), white.get("fill")) == (root.get("width"), "#ffffff")
    ink = next(one for one in root.iter(f"{NAME}text") if one.text == "PR")
    assert ink.get("paint-order") == "stroke"
