"""Keep the country of a site, and the sponsor of a trial with its address: case reports name them (CIOMS I, 1a, 24a).

Safe to deploy: nullable columns; null says that it was not recorded, as all rows of before. Backwards: drops them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0019_files_that_are_built"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="country",
            field=models.CharField(help_text="As case reports name it; null: not recorded.", max_length=60, null=True),
        ),
        migrations.AddField(
            model_name="trial",
            name="sponsor",
            field=models.CharField(
                help_text="Its name, as case reports have it; null: not recorded.", max_length=200, null=True
            ),
        ),
        migrations.AddField(
            model_name="trial",
            name="sponsor_address",
            field=models.CharField(help_text="Null: not recorded.", max_length=500, null=True),
        ),
    ]
