"""Store the natural key of a register in one column."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE readings_register
SET meter_point_id = meter_point.id,
    key = meter_point.scheme || %s || meter_point.identifier || %s || meter.serial_number || %s || register_id
        || %s || suffix
FROM readings_meter meter
JOIN readings_meterpoint meter_point ON meter_point.id = meter.meter_point_id
WHERE meter.id = readings_register.meter_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0007_parts_of_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="register",
            name="key",
            field=models.CharField(editable=False, max_length=150, null=True),
        ),
        migrations.AddField(
            model_name="register",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readings.meterpoint",
            ),
        ),
        migrations.RunSQL([(FILL, ["\t"] * 4)], migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="register", name="a_register_is_stored_once_at_a_meter"),
        migrations.AlterField(
            model_name="register",
            name="key",
            field=models.CharField(editable=False, max_length=150),
        ),
        migrations.AlterField(
            model_name="register",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="readings.meterpoint",
            ),
        ),
        migrations.AlterField(
            model_name="register",
            name="meter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="registers", to="readings.meter"
            ),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.UniqueConstraint(fields=("key",), name="a_register_is_stored_once"),
        ),
    ]
