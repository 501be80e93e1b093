"""Layouts and schedules of exports."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnSet',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('sheet', models.CharField(max_length=40)),
                ('columns', models.JSONField()),
                ('delimiter', models.CharField(default=',', max_length=1)),
                ('decimal_mark', models.CharField(default='.', max_length=1)),
                ('decimal_places', models.PositiveSmallIntegerField(blank=True, help_text='Empty: every digit; otherwise rounded half up.', null=True)),
                ('date_format', models.CharField(default='%Y-%m-%d', max_length=20)),
                ('has_bom', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('delimiter', models.F('decimal_mark')), _negated=True), name='exports_marks_differ')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='d8a6beaf157e28cdee14c3930b6dfbf47afeaa42', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_30c02', table='exports_columnset', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3f636f23fbe29310c46d9dadf3840964b15700c0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c6a4a', table='exports_columnset', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ExportSchedule',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('sheet', models.CharField(max_length=40)),
                ('format', models.CharField(max_length=10)),
                ('chosen', models.JSONField(default=dict)),
                ('months', models.PositiveSmallIntegerField(default=1, help_text='How many months up to the newest complete (or closed) one.')),
                ('every', models.CharField(choices=[('day', 'every day'), ('week', 'every week'), ('close', 'when a month is closed')], max_length=10)),
                ('target', models.CharField(choices=[('email', 'E-mail'), ('store', 'Folder or object store')], max_length=10)),
                ('address', models.TextField(help_text='Addresses by comma, or the URL of a folder.')),
                ('is_active', models.BooleanField(default=True)),
                ('layout', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to='exports.columnset')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='export_schedules', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='41608ce1b9ed16b6667bc30ded53dadc58ab5ba2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_3b426', table='exports_exportschedule', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='9445a7660eb55a062323c111866f18b69c3c4b9b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_e8af8', table='exports_exportschedule', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ExportDelivery',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('period', models.CharField(max_length=20)),
                ('place', models.TextField()),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exports.exportjob')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exports.exportschedule')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='c8eeb7adf8eaf862a560b12269560943bb6b1a8e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_0ce83', table='exports_exportdelivery', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b78d2905a8cc54b03f631b2b9d71ef199b0e0cb4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_cc1e3', table='exports_exportdelivery', when='BEFORE'))],
                'constraints': [models.UniqueConstraint(fields=('schedule', 'period'), name='exports_period_delivered_once')],
            },
        ),
        migrations.AlterField(
            model_name='exportjob',
            name='format',
            field=models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel workbook'), ('parquet', 'Parquet'), ('focus-1.2', 'FOCUS 1.2'), ('focus-1.4', 'FOCUS 1.4')], max_length=10),
        ),
        migrations.AddField(
            model_name='exportjob',
            name='layout',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='exports.columnset'),
        ),
        migrations.AddField(
            model_name='exportjob',
            name='schedule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='exports.exportschedule'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['ColumnSet', 'ExportSchedule', 'ExportDelivery'],
        ),
    ]
