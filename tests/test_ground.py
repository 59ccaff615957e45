"""The ground of the other tests: the application's role, a database that is cleared, no model without migration."""

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import ProgrammingError, connections

from trial.models import User


@pytest.mark.django_db(databases=["default", "queue"])
@pytest.mark.parametrize("alias", ["default", "queue"])
def test_the_tests_have_the_rights_of_the_application_and_no_more(alias):
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")

        assert connection.vendor == "postgresql"
        assert cursor.fetchone() == (settings.DATABASE_APP_ROLE,)
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("TRUNCATE trial_auditevent CASCADE")


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_owner_migrates():
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")

        assert cursor.fetchone() == ("escalation_owner", connections["default"].settings_dict["NAME"])


@pytest.mark.django_db(transaction=True, databases=["default", "queue"])
@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_connection_commits_the_other_sees_and_the_next_test_does_not(time):
    User.objects.create(email="ada@example.org", name="Ada")

    assert User.objects.using("queue").count() == 1
    assert ContentType.objects.exists()  # the flush puts back what migrate had made


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True)
