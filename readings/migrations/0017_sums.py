"""Keep sums of consumption, so that no page has to read all days; those of a filled store are computed afterwards."""

import django.db.models.deletion
from django.db import migrations, models

import readings.models.decimals

NOTE_ALL = (
    "INSERT INTO readings_stalemonths (meter_point_id) "
    "SELECT id FROM readings_meterpoint WHERE scheme IN ('NMI', 'CONSUMER')"
)


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0016_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("letter", models.CharField(max_length=1)),
                ("family", models.CharField(max_length=4)),
                (
                    "quality",
                    models.CharField(
                        choices=[("A", "Actual"), ("S", "Substituted"), ("E", "Estimated")], max_length=1
                    ),
                ),
                ("total", readings.models.decimals.ExactDecimalField()),
                (
                    "scheme",
                    models.CharField(
                        choices=[
                            ("MPAN", "MPAN"),
                            ("TEST_MPAN", "MPAN (test data)"),
                            ("NMI", "NMI"),
                            ("CONSUMER", "Consumer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("area", models.CharField(blank=True, default="", max_length=40)),
                ("tariff", models.CharField(blank=True, default="", max_length=40)),
                ("day", models.DateField()),
                ("occurrence", models.PositiveSmallIntegerField(default=0)),
                ("half_hours", models.TextField()),
                ("meter_points", models.PositiveIntegerField()),
                ("further_meter_points", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MonthSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("letter", models.CharField(max_length=1)),
                ("family", models.CharField(max_length=4)),
                (
                    "quality",
                    models.CharField(
                        choices=[("A", "Actual"), ("S", "Substituted"), ("E", "Estimated")], max_length=1
                    ),
                ),
                ("total", readings.models.decimals.ExactDecimalField()),
                ("month", models.DateField()),
                ("totals", models.TextField()),
                ("minutes", models.PositiveIntegerField()),
                ("minutes_of_days", models.TextField()),
                ("days", models.TextField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("peak", readings.models.decimals.ExactDecimalField()),
                ("peak_day", models.DateField()),
                ("peak_minute", models.PositiveSmallIntegerField()),
                ("repeats", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StaleGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scheme",
                    models.CharField(
                        choices=[
                            ("MPAN", "MPAN"),
                            ("TEST_MPAN", "MPAN (test data)"),
                            ("NMI", "NMI"),
                            ("CONSUMER", "Consumer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("area", models.CharField(blank=True, default="", max_length=40)),
                ("tariff", models.CharField(blank=True, default="", max_length=40)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StaleMonths",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="meterpoint",
            index=models.Index(
                condition=models.Q(("scheme__in", ("NMI", "CONSUMER"))),
                fields=["scheme", "area", "tariff"],
                name="meter_point_by_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupday",
            constraint=models.UniqueConstraint(
                fields=("letter", "family", "day", "scheme", "area", "tariff", "occurrence", "quality"),
                name="a_day_of_a_group_is_summed_once",
            ),
        ),
        migrations.AddField(
            model_name="monthsum",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readings.meterpoint",
            ),
        ),
        migrations.AddField(
            model_name="stalemonths",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readings.meterpoint",
            ),
        ),
        migrations.AddIndex(
            model_name="monthsum",
            index=models.Index(fields=["letter", "family", "month"], name="month_sum_by_month"),
        ),
        migrations.AddConstraint(
            model_name="monthsum",
            constraint=models.UniqueConstraint(
                fields=("meter_point", "letter", "family", "month", "quality"),
                name="a_month_of_a_meter_point_is_summed_once",
            ),
        ),
        migrations.RunSQL(NOTE_ALL, migrations.RunSQL.noop),
    ]
