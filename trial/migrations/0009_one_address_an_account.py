"""Forget the addresses that people gave themselves: an account is known by the one that an administrator gave it.

Why: the library let a signed-in person add any address, and then log in and reset the password by it.
Safe to deploy: removes rows of the library's table that nothing reads any more. Backwards: they are not made again.
"""

from django.db import migrations

# The library's table is no dependency: its migrations follow the first of ours, in a new installation one step.
FORGET = """
DO $$ BEGIN
    IF to_regclass('public.account_emailaddress') IS NOT NULL THEN
        DELETE FROM public.account_emailaddress;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0008_why_an_unlikely_setting_stands")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
