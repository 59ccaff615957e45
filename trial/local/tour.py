"""`make tour`: docs/tour.md and its pictures, made anew from the demo by a browser, so that they never age.

The README shows one of them. The demo is started in a directory of its own. A page that is missing, or whose heading
no longer says what the tour expects, ends the tour with its name.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bootstrap import CHROMIUM
from .environment import HERE

TEXT, PICTURES = HERE / "docs" / "tour.md", HERE / "docs" / "tour"
WIDTH, HEIGHT, SCALE = 1440, 900, 0.62  # as wide as a page that shows them
LARGEST, MOST = 180_000, 1_500_000  # bytes of a picture, and of all
PASSWORD = "three-plus-three"
STUDY = "/trials/demo-srm/"
READY = "The demo is complete"
BEFORE = """# A tour of the program

What people see, one page after another, in the demo that `make run` builds: made-up patients, illustrative doses.
`make tour` takes these pictures anew and writes this page (`trial/local/tour.py`), so that neither ages.
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """who: the account's name before the @. heading: words that the page's heading has. asks: for these papers."""

    name: str
    who: str
    path: str
    heading: str
    title: str
    words: str
    asks: tuple[str, ...] = ()

    @property
    def picture(self) -> Path:
        return PICTURES / f"{self.name}.png"


STOPS = (
    Stop(
        "home", "investigator", "/", "My trials", "My trials",
        "Each trial with its level, its places and its next step, and beside them everything that waits "
        "for this person: readings, confirmations, doses, assessments, the most urgent first.",
    ),
    Stop(
        "trial", "investigator", STUDY, "Level", "Where the trial stands",
        "The state in one sentence and what changes it next. Every patient on the dose ladder in order of"
        " entry, the tally whose numbers open their patients, and the recommendation with either end of "
        "what the pending can still do.",
    ),
    Stop(
        "dashboard", "dsmb", f"{STUDY}dashboard/", "Level", "The safety committee's dashboard",
        "What a board asks, on one screen: what changed since the last decision and since one's own last "
        "visit, deaths first; ladder, recommendation with how firm it is, DLT rates with exact intervals,"
        " worst grades, what blocks, the next meeting.",
    ),
    Stop(
        "escalation", "dsmb", f"{STUDY}escalation/", "Level", "The decision",
        "Decisions with what they stood on and who signed, the rule with the row in force, late changes, "
        "and the ways to ask what if.",
    ),
    Stop(
        "patient", "investigator2", f"{STUDY}patients/12/", "012", "A patient",
        "Dose card, time line of doses, events and assessments, and every fact with who entered it and "
        "its history.",
    ),
    Stop(
        "review", "monitor", f"{STUDY}review/", "DLT", "DLT review",
        "Two readers who do not see each other's verdict, and a third where they differ. Enrolment at the"
        " level is held until the event is adjudicated.",
    ),
    Stop(
        "safety", "statistician", f"{STUDY}safety/", "Safety", "Safety tables",
        "Treatment-emergent events by level, treatment, DLT rates, exposure and holds: live or as a "
        "meeting froze them. Every number opens its patients, every table leaves as CSV or XLSX.",
    ),
    Stop(
        "meeting", "dsmb", f"{STUDY}meetings/1/", "eeting 1", "A meeting",
        "Cut-off, frozen cut, votes with reasons, outcome and signatures. The packet shows the trial as "
        "it was at the cut.",
    ),
    Stop(
        "design", "statistician", f"{STUDY}escalation/design/", "esign", "What the design does",
        "Exact properties of the rule under assumed rates, computed over all its paths, beside other "
        "designs.",
    ),
    Stop(
        "reports", "dsmb", f"{STUDY}reports/", "Reports", "Reports",
        "The open and the closed report of a cut, casebooks, decision tables and signature pages as PDF: built "
        "once, kept with their SHA-256, and handed out to who may have them.",
        asks=("decision-table", "open", "closed"),
    ),
)  # fmt: skip


def text() -> str:
    """docs/tour.md."""
    parts = [f"## {s.title}\n\n{s.words}\n\n![{s.title}](tour/{s.picture.name})\n" for s in STOPS]
    return "\n".join([BEFORE, *parts])


def main() -> None:
    if not CHROMIUM.exists():
        sys.exit(f"The tour needs a browser, and there is no {CHROMIUM}.")
    with tempfile.TemporaryDirectory(dir="/tmp") as var, demo(Path(var)) as url:
        take(url)
    TEXT.write_text(text())
    print(f"{TEXT} with {len(STOPS)} pictures.")


@contextmanager
def demo(var: Path) -> Iterator[str]:
    """The program with its whole demo; its address."""
    started = [sys.executable, "-u", "-m", "trial.local.launch"]
    env = os.environ | {"ESCALATION_VAR": str(var)}
    running = subprocess.Popen(started, cwd=HERE, env=env, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        url = ""
        for line in running.stdout:
            url = url or (found[0] if (found := re.search(r"http://\S+/", line)) else "")
            if line.startswith(READY):
                break
        else:
            sys.exit("The demo did not come up.")
        yield url.rstrip("/")
    finally:
        running.terminate()
        running.wait()


def take(url: str) -> None:
    """The pictures of every stop."""
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        for stop in STOPS:
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                device_scale_factor=SCALE,
                color_scheme="light",
                reduced_motion="reduce",
            )
            _picture(context.new_page(), url, stop)
            context.close()
    if (size := sum(stop.picture.stat().st_size for stop in STOPS)) > MOST:
        sys.exit(f"The pictures are {size} bytes, and {MOST} are the most.")


def _picture(page: Any, url: str, stop: Stop) -> None:
    page.goto(f"{url}/accounts/login/")
    page.locator("input[name=login]").fill(f"{stop.who}@demo.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_load_state()
    for kind in stop.asks:
        page.goto(f"{url}{stop.path}")
        page.locator(f"input[name=kind][value={kind}]").check()
        page.get_by_role("button", name="Build it").click()
        page.get_by_role("link", name="Download").wait_for(timeout=120_000)  # the page of the paper refreshes itself
    answer = page.goto(f"{url}{stop.path}")
    heading = page.locator("h1").inner_text()
    if answer.status != 200 or stop.heading not in heading:
        sys.exit(f"{stop.title}: {stop.path} answers {answer.status}, headed {heading!r}.")
    page.screenshot(path=str(stop.picture))
    if (size := stop.picture.stat().st_size) > LARGEST:
        sys.exit(f"{stop.title}: its picture is {size} bytes, and {LARGEST} are the most.")


if __name__ == "__main__":
    main()
