from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Inbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name_plural": "inbox",
                "permissions": (("retry_rejected", "Can put rejected files back into the inbox"),),
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
