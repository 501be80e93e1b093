"""Incidents, treatment plans and acceptances; what pages ask of risks stands in their rows."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0001_initial'),
        ('initiatives', '0002_default_stages'),
        ('people', '__first__'),
        ('risk', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('level', models.PositiveSmallIntegerField()),
                ('reason', models.TextField()),
                ('expires_on', models.DateField()),
                ('requested_on', models.DateField()),
                ('decided_on', models.DateField(blank=True, null=True)),
                ('is_granted', models.BooleanField(blank=True, null=True)),
                ('decision_reason', models.TextField(blank=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('ended_because', models.TextField(blank=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='acceptances_decided', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances_requested', to=settings.AUTH_USER_MODEL)),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='risk.risk')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('level__range', (1, 5))), name='risk_acceptance_level'), models.CheckConstraint(condition=models.Q(('expires_on__gt', models.F('requested_on'))), name='risk_acceptance_expires'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('is_granted', None)), models.Q(('decided_by__isnull', False), ('is_granted__isnull', False), models.Q(('decided_by', models.F('requested_by')), _negated=True)), _connector='OR'), name='risk_acceptance_two_people'), models.UniqueConstraint(condition=models.Q(('ended_on', None), models.Q(('is_granted', False), _negated=True)), fields=('risk',), name='risk_acceptance_one_open')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='95f8b0a0ecb8fe8892f4bddb4fe9349fd5823473', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_f398a', table='risk_acceptance', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='c5a9dcb757c2d0755df18ef60a531ca55ff55f76', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_22482', table='risk_acceptance', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveIntegerField(unique=True)),
                ('title', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True)),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Moderate'), (3, 'High'), (4, 'Critical')])),
                ('state', models.CharField(choices=[('open', 'Open'), ('contained', 'Contained'), ('resolved', 'Resolved'), ('closed', 'Closed')], default='open', max_length=10)),
                ('facts', models.JSONField(default=dict)),
                ('occurred_at', models.DateTimeField()),
                ('detected_at', models.DateTimeField()),
                ('aware_at', models.DateTimeField(help_text='When the organisation became aware.')),
                ('people_affected', models.PositiveIntegerField(blank=True, null=True)),
                ('cause', models.TextField(blank=True)),
                ('lessons', models.TextField(blank=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='initiatives.initiative')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incidents_owned', to=settings.AUTH_USER_MODEL)),
                ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents_reported', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['initiative', '-occurred_at'], name='risk_incident_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='risk_incident_severity'), models.CheckConstraint(condition=models.Q(('occurred_at__lte', models.F('detected_at')), ('detected_at__lte', models.F('aware_at'))), name='risk_incident_moments_in_order'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), models.Q(('closed_at__isnull', False), ('state', 'closed'), models.Q(('lessons', ''), _negated=True)), _connector='OR'), name='risk_incident_closed_with_lessons')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='dc2f6cc84d75a5b2e2f4d5199b22e24f27e784b2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_73055', table='risk_incident', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3a960fa3cfc15562145fdab1004f67b81f56bd27', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_925bf', table='risk_incident', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='IncidentEvent',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('at', models.DateTimeField()),
                ('text', models.TextField()),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timeline', to='risk.incident')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['incident', 'at'], name='risk_incident_timeline')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='90fedaddff01117875ca16ed98aeb95f1f6c4e93', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_7d235', table='risk_incidentevent', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='55d5062936c0ae5cd232f25f921fe6bd98c807ff', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_4857a', table='risk_incidentevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='IncidentNotice',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('clock', models.CharField(max_length=60)),
                ('title', models.CharField(max_length=200)),
                ('authority', models.CharField(max_length=200)),
                ('article', models.CharField(max_length=100)),
                ('source_url', models.URLField(max_length=500)),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('reference', models.CharField(blank=True, max_length=200)),
                ('lapsed_because', models.TextField(blank=True, help_text='Why it is no longer owed.')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='risk.incident')),
                ('sent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices_sent', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('incident', 'clock'), name='risk_notice_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at', None), ('sent_by', None)), models.Q(('sent_at__isnull', False), ('sent_by__isnull', False), models.Q(('reference', ''), _negated=True)), _connector='OR'), name='risk_notice_sent_who_and_ref')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='9e211edabc6a4ed09b90e67a657e630060419fc5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_65e3c', table='risk_incidentnotice', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='994d8dfe51b61abafc659d513582165998f5b053', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_d9799', table='risk_incidentnotice', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='IncidentRisk',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_links', to='risk.incident')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_links', to='risk.risk')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('incident', 'risk'), name='risk_incident_risk_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='5b590e8d3ac75faf2117eab3e42286f3e093d6ab', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_089d5', table='risk_incidentrisk', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='24b478d63d376ec65771f974d5fe5e0de6bb61c8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_1dbd2', table='risk_incidentrisk', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TreatmentStep',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('treatment', models.CharField(choices=[('avoid', 'Avoid'), ('mitigate', 'Mitigate'), ('transfer', 'Transfer'), ('accept', 'Accept')], max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('due_on', models.DateField()),
                ('target_residual', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('done_on', models.DateField(blank=True, null=True)),
                ('done_note', models.TextField(blank=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='treatment_steps', to=settings.AUTH_USER_MODEL)),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='treatment_steps', to='risk.risk')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('target_residual', None), ('target_residual__range', (1, 5)), _connector='OR'), name='risk_step_target'), models.CheckConstraint(condition=models.Q(('done_on', None), models.Q(('done_note', ''), _negated=True), _connector='OR'), name='risk_step_done_how')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='acf561331c58471e40bd661dfb5292ef508fb29d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_a27cf', table='risk_treatmentstep', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='cb7c773a521c962a792b1325fcb089c9fc9dd6fe', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_842e3', table='risk_treatmentstep', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='incident',
            name='risks',
            field=models.ManyToManyField(related_name='incidents', through='risk.IncidentRisk', to='risk.risk'),
        ),
        migrations.AddField(
            model_name='control',
            name='applied',
            field=models.ForeignKey(blank=True, help_text='The control of the library whose tests say what it is worth.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='risk_controls', to='compliance.appliedcontrol'),
        ),
        migrations.AddField(
            model_name='risk',
            name='appetite',
            field=models.PositiveSmallIntegerField(editable=False, help_text='The level accepted where it stands, null if not set.', null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='impact_now',
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='likelihood_now',
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='loss_currency',
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name='risk',
            name='loss_high',
            field=models.DecimalField(blank=True, decimal_places=18, help_text='nor above this.', max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='loss_low',
            field=models.DecimalField(blank=True, decimal_places=18, help_text='With 90 % certainty the loss, if it happens, is not below this', max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='loss_probability',
            field=models.DecimalField(blank=True, decimal_places=4, help_text='Chance in a year, 0 to 1.', max_digits=5, null=True),
        ),
        migrations.AddField(
            model_name='risk',
            name='review_due_on',
            field=models.DateField(editable=False, help_text='Null: never reviewed.', null=True),
        ),
        migrations.AddField(
            model_name='riskscore',
            name='facts',
            field=models.JSONField(default=dict, help_text='All that was judged, to judge it again.'),
        ),
        migrations.AddIndex(
            model_name='risk',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['likelihood_now', 'impact_now'], name='risk_open_map'),
        ),
        migrations.AddIndex(
            model_name='risk',
            index=models.Index(models.OrderBy(models.F('residual'), descending=True, nulls_last=True), condition=models.Q(('closed_at', None)), name='risk_open_worst'),
        ),
        migrations.AddConstraint(
            model_name='risk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('loss_currency', ''), ('loss_high', None), ('loss_low', None), ('loss_probability', None)), models.Q(('loss_high__gt', models.F('loss_low')), ('loss_low__gt', 0), ('loss_probability__gt', 0), ('loss_probability__lte', 1), models.Q(('loss_currency', ''), _negated=True)), _connector='OR'), name='risk_loss_is_a_range'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Acceptance', 'IncidentEvent', 'IncidentNotice', 'IncidentRisk', 'Incident', 'TreatmentStep'],
        ),
    ]
