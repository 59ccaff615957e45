"""The pages of an account whose signing is suspended, of one's sessions, and of a log-in that must wait."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from trial.people import accounts
from trial.roles import Role


@pytest.mark.long
def test_the_pages_of_accounts_and_sessions_are_accessible(page, sign_in, accessible, settings):
    study = factories.study()
    second = factories.person("second", Role.ADMINISTRATOR)
    settings.EMAIL_URL = ""
    accounts.change_address(user=study.dsmb.pk, email="d@example.org", reason="Moved.", by=study.administrator)
    Client().post("/accounts/login/", {"login": "d@example.org", "password": factories.PASSWORD})

    sign_in(second)
    for view in ("account", "confirm_person"):
        page.goto(reverse(f"trial:{view}", args=[study.dsmb.pk]))
        assert "suspended" in page.inner_text("main")
        accessible(page)
    page.goto(reverse("usersessions_list"))
    accessible(page)
