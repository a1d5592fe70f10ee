"""Let searches find parts of names by indexes, and keep pasted lists."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Reverse

from readings.formats.spelling import parts_of
from readings.imports.loading.insertion import insert

#: Number of arrivals whose names are divided at once.
AT_ONCE = 5_000


def reverse_serial_numbers(apps: Any, schema_editor: Any) -> None:
    """Store the serial number of each meter from its end."""
    apps.get_model("readings", "Meter").objects.update(searchable_reversed=Reverse("searchable"))


def divide_names(apps: Any, schema_editor: Any) -> None:
    """Store the parts of the name of each arrival."""
    arrivals = apps.get_model("readings", "Arrival").objects.order_by("pk").values_list("pk", "name")
    last = 0
    while some := list(arrivals.filter(pk__gt=last)[:AT_ONCE]):
        rows = [(part, key) for key, name in some for part in parts_of(name)]
        insert("readings_namepart", ("part", "arrival_id"), rows)
        last = some[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("readings", "0015_set_aside_other_flows"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="meter", name="meter_by_serial_number"),
        migrations.AddField(
            model_name="meter", name="searchable_reversed", field=models.CharField(blank=True, max_length=120)
        ),
        migrations.RunPython(reverse_serial_numbers, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="meter",
            index=models.Index(
                fields=["searchable"], name="meter_by_serial_number", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.AddIndex(
            model_name="meter",
            index=models.Index(
                fields=["searchable_reversed"], name="meter_by_end_of_number", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.AddIndex(
            model_name="meterpoint",
            index=models.Index(
                fields=["identifier"], name="meter_point_by_beginning", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.CreateModel(
            name="NamePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=40)),
                (
                    "arrival",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="readings.arrival",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["part", "arrival"],
                        name="name_part_by_beginning",
                        opclasses=("varchar_pattern_ops", "int8_ops"),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PastedList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=22, unique=True)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(divide_names, migrations.RunPython.noop),
    ]
