"""Forget the addresses that people gave themselves: an account is known by the one that an administrator gave it.

Why: the library let a signed-in person add any address, and then log in and reset the password by it.
Safe to deploy: removes rows of the library's table that nothing reads any more. Backwards: they are not made again.
"""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("account", "EmailAddress").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("trial", "0008_why_an_unlikely_setting_stands"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
