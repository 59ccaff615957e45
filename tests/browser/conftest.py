"""Debian's Chromium against a live server. Tests of pages ask for `page`, and go to paths: page.goto("/")."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler

from trial.local.bootstrap import CHROMIUM

QUIET = [  # else it looks for its maker's hosts at every start
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if not CHROMIUM.exists():
        missing = f"THE BROWSER TESTS DID NOT RUN: there is no {CHROMIUM}"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": QUIET}


@pytest.fixture(scope="session")
def base_url(live_server):
    serve = StaticFilesHandler.serve

    def kept(self, request):
        response = serve(self, request)
        response["Cache-Control"] = "max-age=315360000, immutable"  # as in an installation; the clock may travel
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield live_server.url


@pytest.fixture
def sign_in(context, client, live_server):
    """sign_in(user): the browser has that user's session, without the pages of the log-in."""

    def with_session(user):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    return with_session


@pytest.fixture
def accessible():
    """accessible(page): axe finds nothing wrong on it by the rules of WCAG 2.2 AA."""

    def check(page):
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()

    return check
