"""The tables of jobs."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=50, unique=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(max_length=200)),
                ('title', models.CharField(max_length=300)),
                ('payload', models.JSONField(default=dict)),
                ('key', models.CharField(blank=True, max_length=200, null=True)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('quarantined', 'Quarantined')], default='queued', max_length=12)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('max_attempts', models.PositiveSmallIntegerField(default=5)),
                ('not_before', models.DateTimeField()),
                ('queued_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.JSONField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('reference', models.CharField(blank=True, help_text='Finds the log entry.', max_length=12)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['not_before'], name='jobs_unfinished'), models.Index(fields=['-created_at'], name='jobs_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('key',), name='jobs_key_once_while_unfinished')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='38f30cba3ec09c4b30030d0afacb4ca4d8af7565', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_95a06', table='jobs_job', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='804cd5740f2ab20282f520509c900394cfb8ec1d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_5fa3b', table='jobs_job', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('channel', models.CharField(max_length=20)),
                ('dedupe', models.CharField(max_length=200, unique=True)),
                ('payload', models.JSONField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('failed_at', None), ('sent_at', None)), fields=['not_before'], name='jobs_outbox_waiting')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='e7ab76cc26b4be8e49050a94473fd9aedf032cd1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_1d03e', table='jobs_outboxmessage', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='9d34711a989a0dccfa59f27a2b3dde74246a697f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_eef2a', table='jobs_outboxmessage', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('worker', models.CharField(blank=True, max_length=100)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('stage', models.CharField(blank=True, max_length=100)),
                ('stage_at', models.DateTimeField(blank=True, null=True)),
                ('rows', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(blank=True, null=True)),
                ('log', models.JSONField(default=list)),
                ('is_cancel_requested', models.BooleanField(default=False)),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='progress', to='jobs.job')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('kind', models.CharField(max_length=200)),
                ('payload', models.JSONField(default=dict)),
                ('every_seconds', models.PositiveIntegerField()),
                ('anchor_at', models.DateTimeField()),
                ('is_active', models.BooleanField(default=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('every_seconds__gte', 10)), name='jobs_schedule_not_too_often')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='3eb83d4f22d6b43081a3b7ce7eaf597980edb30f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_355ea', table='jobs_schedule', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='18a1098d240298e181b26be26f953db02e678602', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_ee452', table='jobs_schedule', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='jobs.job')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='jobs.schedule')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('schedule', 'at'), name='jobs_slot_once')],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Job', 'OutboxMessage', 'Schedule'],
        ),
    ]
