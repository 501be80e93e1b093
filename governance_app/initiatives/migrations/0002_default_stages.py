from django.db import migrations

from governance_app.domain.ids import uuid7
from governance_app.domain.stages import STAGES


def add_default_stages(apps, schema_editor):
    """Fill the default template; an installation may change it afterwards."""
    schema_editor.execute("SELECT set_config('app.via', 'migration', true)")
    template = apps.get_model("initiatives", "StageTemplate").objects.create(
        id=uuid7(), name="Standard", is_default=True
    )
    stage_model = apps.get_model("initiatives", "Stage")
    for position, stage in enumerate(STAGES, start=1):
        stage_model.objects.create(
            id=uuid7(),
            template=template,
            slug=stage.slug,
            name=stage.name,
            position=position,
            time_box_days=stage.time_box_days,
            can_skip=stage.can_skip,
            is_final=stage.is_final,
        )


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0001_initial")]

    operations = [migrations.RunPython(add_default_stages, migrations.RunPython.noop)]
