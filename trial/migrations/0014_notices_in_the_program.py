"""Each notice has a kind, leads to a page and is read in the program; a person switches kinds of mail off."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids

KINDS = [
    ("safety", "Safety: suspected and late DLTs, holds, reviews, what was done in spite of a rule"),
    ("decision", "Decisions to sign and in force"),
    ("meeting", "Meetings of the committee"),
    ("enrolment", "Slots that are granted"),
    ("analysis", "Analyses that could not be computed"),
    ("account", "Your account and who got into it"),
    ("installation", "The installation: clocks, anchors, mail"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("trial", "0013_what_administrators_do_to_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeOff",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=KINDS,
                        max_length=20,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=KINDS,
                default="decision",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="notice",
            name="one_time",
            field=models.BooleanField(
                default=False,
                help_text="It leads to a new password. Such a link is made as it is sent, and stored nowhere.",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="path",
            field=models.CharField(blank=True, help_text="Of the page that it leads to.", max_length=200),
        ),
        migrations.AddField(
            model_name="notice",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="next_try_at",
            field=models.DateTimeField(help_text="Null when no mail was set up: it is read here alone.", null=True),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("read_at", None)), fields=["to"], name="notice_unread"),
        ),
        migrations.AddField(
            model_name="noticeoff",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeoff",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="notice_off_once"),
        ),
        migrations.AddConstraint(
            model_name="noticeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["safety", "account", "installation"]), _negated=True),
                name="notice_off_only_what_may_be",
            ),
        ),
    ]
