"""The page everybody meets first."""


def test_the_log_in_is_accessible(page, accessible):
    page.goto("/accounts/login/")

    assert page.get_by_role("button").count() > 0
    accessible(page)
