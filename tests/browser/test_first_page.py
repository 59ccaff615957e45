"""The pages everybody meets first: the log-in, and a home page while the demo is being built."""

from tests import factories
from trial.local import progress
from trial.local.progress import Progress


def test_the_log_in_is_accessible(page, accessible):
    page.goto("/accounts/login/")

    assert page.get_by_role("button").count() > 0
    accessible(page)


def test_the_home_page_shows_the_demo_as_it_comes_and_asks_no_more_when_it_is_whole(
    page, sign_in, accessible, settings, tmp_path
):
    settings.DEMO_PROGRESS = str(tmp_path / "demo-progress")
    file = tmp_path / "demo-progress"
    progress.write(file, Progress(0, 1))
    study = factories.study()
    sign_in(study.investigator)
    asked = []
    page.clock.install()
    page.on("request", lambda request: asked.append(request.url) if "/pulse/" in request.url else None)
    page.goto("/")
    assert "The demo is being built: 0 of 1 trials." in page.inner_text("main")
    accessible(page)

    study.open()
    progress.write(file, Progress(1, 1))

    page.clock.run_for(5_000)  # when a poll is due
    page.wait_for_selector("text=0/3", timeout=60_000)  # the places of the first cohort
    assert "The demo is" not in page.inner_text("main")
    before = len(asked)
    page.clock.run_for(7_000)
    page.wait_for_timeout(500)  # what is asked takes a moment to be seen
    assert len(asked) == before
