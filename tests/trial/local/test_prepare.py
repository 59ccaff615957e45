"""Static files: collected when a source has changed, and again whole after a kill in the midst of it."""

import pytest
from django.core.management import call_command

from trial.local import prepare


@pytest.fixture
def root(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("ESCALATION_VAR", str(tmp_path))
    settings.STATIC_ROOT = str(tmp_path / "static")
    return tmp_path / "static"


def test_they_are_collected_once(root, monkeypatch):
    prepare.collect_static()
    whole = (root / "app.js").read_bytes()

    monkeypatch.setattr(prepare, "call_command", None)
    prepare.collect_static()

    assert whole


def test_a_file_that_a_kill_left_half_written_is_made_whole(root, settings):
    call_command("collectstatic", interactive=False, verbosity=0)
    whole = (root / "app.js").read_bytes()
    (root / "app.js").write_bytes(whole[:100])

    prepare.collect_static()

    assert (root / "app.js").read_bytes() == whole


def test_a_folder_of_somebodys_own_is_not_cleared(tmp_path, root, settings):
    settings.STATIC_ROOT = str(tmp_path / "mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")

    prepare.collect_static()

    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"
    assert (tmp_path / "mine" / "app.js").exists()
