"""The tables of files."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.BigIntegerField(help_text='Bytes.')),
                ('name', models.CharField(max_length=255)),
                ('media_type', models.CharField(blank=True, max_length=100)),
                ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stored_files', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='1daec8df556371fe162e6756c5a77eff11f17831', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ff1fb', table='files_storedfile', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='055b96a5e729c6485a99a84163759337f8455fe1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_656e6', table='files_storedfile', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['StoredFile'],
        ),
    ]
