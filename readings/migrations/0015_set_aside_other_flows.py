"""Set aside the contents that an earlier version rejected only because their flow is not read."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Count, F, QuerySet

#: Rows changed at a time.
STEP = 500
MESSAGE = "is not read here; set aside, nothing was stored"


def set_aside(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store the outcome other-flow, and flow and version, of contents whose one error names a flow."""
    FlowFile, Arrival, Problem = (apps.get_model("readings", name) for name in ("FlowFile", "Arrival", "Problem"))
    notes = Problem.objects.filter(
        code="other-flow",
        severity="ERROR",
        value__regex=r"^[A-Z][0-9]{4}([0-9]{3})?$",
        flow_file__status="REJECTED",
        flow_file__errors=1,
    )
    while step := list(notes.order_by("pk")[:STEP]):
        contents = [note.flow_file_id for note in step]
        for note in step:
            rows = FlowFile.objects.filter(pk=note.flow_file_id)
            rows.update(status="OTHER_FLOW", format=note.value[:5], version=note.value[5:])
        FlowFile.objects.filter(pk__in=contents).update(errors=0, warnings=F("warnings") + 1)
        Arrival.objects.filter(flow_file__in=contents, outcome="REJECTED").update(outcome="OTHER_FLOW")
        Problem.objects.filter(pk__in=[note.pk for note in step]).update(severity="WARNING", message=MESSAGE)


def reject(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store again that such contents were rejected; also in the trail, whose column becomes too short."""
    names = ("FlowFile", "Arrival", "Problem", "Trail")
    FlowFile, Arrival, Problem, Trail = (apps.get_model("readings", name) for name in names)
    contents = FlowFile.objects.filter(status="OTHER_FLOW")
    notes = Problem.objects.filter(flow_file__in=contents, code="other-flow")
    for content, number in list(notes.order_by().values_list("flow_file").annotate(Count("pk"))):
        contents.filter(pk=content).update(errors=number, warnings=F("warnings") - number)
    notes.update(severity="ERROR")
    for model in (Arrival, Trail):
        QuerySet(model).filter(outcome="OTHER_FLOW").update(outcome="REJECTED")
    contents.update(status="REJECTED")


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0014_lists"),
    ]

    operations = [migrations.RunPython(set_aside, reject)]
