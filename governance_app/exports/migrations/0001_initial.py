"""The tables of exports."""

import django.contrib.postgres.fields
import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_initial'),
        ('jobs', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExportJob',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('sheet', models.CharField(max_length=40)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel workbook'), ('parquet', 'Parquet')], max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('chosen', models.JSONField(default=dict)),
                ('words', models.TextField(help_text='The filter in words.')),
                ('seen', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('rows', models.BigIntegerField(blank=True, null=True)),
                ('control', models.JSONField(default=dict, help_text='Currency -> cost basis -> exact total.')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='files.storedfile')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='jobs.job')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['-created_at'], name='exports_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('file', None), ('finished_at', None), ('rows', None)), models.Q(('file__isnull', False), ('finished_at__isnull', False), ('rows__isnull', False)), _connector='OR'), name='exports_finished_with_file')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='60810fd5062aaae4375db6cf046497c79d4be092', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_7dc18', table='exports_exportjob', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='461099bdcab738fa67137ff69cc1ddb81f0e4451', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_ee832', table='exports_exportjob', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['ExportJob'],
        ),
    ]
