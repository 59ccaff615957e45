"""Store disease assessments as entered, the investigator's own category, and reasons for differences.

Why: response is derived from them on each read. Safe to deploy: adds tables. Backwards: drops them with their rows.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trial.ids


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0003_sample_needs_consent"),
        ("patients", "0002_follow_up"),
        ("trial", "0002_ledger_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DiseaseAssessment",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "number",
                    models.PositiveIntegerField(help_text='People see "DA 14"; unique in the trial, never reused.'),
                ),
                ("visit_on", models.DateField(help_text="Each measurement has the date of its own sample.")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disease_assessments",
                        to="patients.patient",
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["visit_on", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trial", "number"), name="diseaseassessment_number_unique_in_trial"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided", False)),
                        fields=("patient", "visit_on"),
                        name="diseaseassessment_one_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DifferenceResolved",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("sCR", "sCR"),
                            ("CR", "CR"),
                            ("VGPR", "VGPR"),
                            ("PR", "PR"),
                            ("MR", "MR"),
                            ("SD", "SD"),
                            ("PD", "PD"),
                            ("NE", "NE"),
                        ],
                        help_text="The investigator's.",
                        max_length=4,
                    ),
                ),
                (
                    "derived",
                    models.CharField(
                        choices=[
                            ("sCR", "sCR"),
                            ("CR", "CR"),
                            ("VGPR", "VGPR"),
                            ("PR", "PR"),
                            ("MR", "MR"),
                            ("SD", "SD"),
                            ("PD", "PD"),
                            ("NE", "NE"),
                        ],
                        max_length=4,
                    ),
                ),
                ("reason", models.TextField()),
                ("resolved_on", models.DateField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="assessments.diseaseassessment",
                    ),
                ),
            ],
            options={
                "ordering": ["rev"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("category", models.F("derived")), _negated=True), name="difference_is_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="difference_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvestigatorResponse",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("sCR", "sCR"),
                            ("CR", "CR"),
                            ("VGPR", "VGPR"),
                            ("PR", "PR"),
                            ("MR", "MR"),
                            ("SD", "SD"),
                            ("PD", "PD"),
                            ("NE", "NE"),
                        ],
                        max_length=4,
                    ),
                ),
                ("comment", models.CharField(blank=True, max_length=300)),
                ("given_on", models.DateField()),
                (
                    "assessment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="investigator",
                        to="assessments.diseaseassessment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"])),
                        name="investigatorresponse_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                ("id", models.UUIDField(default=trial.ids.new, editable=False, primary_key=True, serialize=False)),
                (
                    "rev",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Number of its last change; by trigger."
                    ),
                ),
                ("voided", models.BooleanField(default=False)),
                (
                    "parameter",
                    models.CharField(
                        choices=[
                            ("serum_m", "Serum M-protein"),
                            ("ife_serum", "Serum immunofixation"),
                            ("kappa", "Kappa"),
                            ("lambda", "Lambda"),
                            ("ratio", "Kappa/lambda ratio"),
                            ("urine_m", "Urine M-protein"),
                            ("ife_urine", "Urine immunofixation"),
                            ("marrow_pc", "Marrow plasma cells"),
                            ("marrow_clonal", "Clonal plasma cells in marrow"),
                            ("spd", "Plasmacytomas, sum of products of diameters"),
                            ("longest_diameter", "Longest diameter"),
                            ("short_axis", "Short axis"),
                            ("new_lesion", "New lesion"),
                            ("calcium", "Calcium, corrected"),
                            ("circulating_pc_percent", "Circulating plasma cells, share"),
                            ("circulating_pc_per_ul", "Circulating plasma cells, count"),
                        ],
                        max_length=30,
                    ),
                ),
                ("sampled_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("value", "measured"), ("below_limit", "below the limit"), ("not_done", "not done")],
                        max_length=20,
                    ),
                ),
                (
                    "entered",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="As entered; below the limit, the limit.",
                        max_digits=12,
                        null=True,
                    ),
                ),
                ("unit", models.CharField(blank=True, help_text="Of the entered value.", max_length=20)),
                (
                    "canonical",
                    models.DecimalField(
                        blank=True,
                        decimal_places=8,
                        help_text="The entered value in the rule's unit.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True, help_text="Of what is no number: negative, positive, yes, no.", max_length=20
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="assessments.diseaseassessment",
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.trial"),
                ),
            ],
            options={
                "ordering": ["assessment", "parameter"],
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "parameter"), name="measurement_one_per_parameter"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("canonical", None), ("entered", None), ("state", "not_done")),
                            models.Q(
                                ("answer", ""),
                                ("canonical__gt", 0),
                                ("canonical__isnull", False),
                                ("entered__gt", 0),
                                ("entered__isnull", False),
                                ("state", "below_limit"),
                            ),
                            models.Q(
                                ("answer", ""),
                                ("canonical__gte", 0),
                                ("canonical__isnull", False),
                                ("entered__gte", 0),
                                ("entered__isnull", False),
                                ("state", "value"),
                            ),
                            models.Q(
                                ("canonical", None),
                                ("entered", None),
                                ("state", "value"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="measurement_says_one_thing",
                    ),
                ],
            },
        ),
    ]
