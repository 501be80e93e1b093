"""The tables of connectors."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('spend', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('plugin', models.CharField(max_length=50)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('sealed', models.TextField(blank=True)),
                ('every_seconds', models.PositiveIntegerField(blank=True, help_text='How often it runs by itself; empty: only by hand.', null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to='people.scopenode')),
                ('spend_source', models.ForeignKey(blank=True, help_text='Whose bills it brings, once it has brought one.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='connections', to='spend.source')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at', None)), fields=('name',), name='connectors_connection_name_once'), models.CheckConstraint(condition=models.Q(('every_seconds', None), ('every_seconds__gte', 10), _connector='OR'), name='connectors_not_too_often')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('sealed')", func='RETURN NULL;', hash='3e8f216e31ae417173d16b008de2add9f7073e89', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_90727', table='connectors_connection', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='dfcd323ee1d6a73970b1ebe390d4992f93fb3b24', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_61bc3', table='connectors_connection', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='SyncRun',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('partial', 'Done in part'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='running', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('rows_read', models.PositiveBigIntegerField(default=0)),
                ('rows_new', models.PositiveBigIntegerField(default=0)),
                ('rows_changed', models.PositiveBigIntegerField(default=0)),
                ('rows_gone', models.PositiveBigIntegerField(default=0)),
                ('rows_refused', models.PositiveBigIntegerField(default=0)),
                ('refusals', models.JSONField(blank=True, default=list, help_text='The first hundred.')),
                ('watermark', models.JSONField(blank=True, default=dict)),
                ('error', models.TextField(blank=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='connectors.connection')),
                ('job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sync_run', to='jobs.job')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['connection', '-started_at'], name='connectors_run_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='connectors_run_finished_with_moment')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ea346f5d5fc7e036bc7158bd2271970c1d4d7f5e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_00c2f', table='connectors_syncrun', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='ec2a5df870f42bf14f7a4ed7e5d156a64c84ff7d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_357ac', table='connectors_syncrun', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Connection', 'SyncRun'],
        ),
    ]
