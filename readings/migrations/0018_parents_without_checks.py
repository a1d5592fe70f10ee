"""Stop checking the foreign keys of meters and registers row by row, as those of readings: half of a new meter's cost."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0017_sums"),
    ]

    operations = [
        migrations.AlterField(
            model_name="meter",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meters",
                to="readings.meterpoint",
            ),
        ),
        migrations.AlterField(
            model_name="register",
            name="meter",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="registers",
                to="readings.meter",
            ),
        ),
    ]
