"""The tables of risk."""

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
        ('initiatives', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Risk',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('category', models.CharField(choices=[('bias', 'Bias'), ('security', 'Security'), ('privacy', 'Privacy'), ('regulatory', 'Regulatory'), ('performance', 'Performance and drift'), ('operational', 'Operational'), ('financial', 'Financial'), ('third_party', 'Third party'), ('reputational', 'Reputational'), ('environmental', 'Environmental')], max_length=20)),
                ('title', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True)),
                ('treatment', models.CharField(blank=True, choices=[('avoid', 'Avoid'), ('mitigate', 'Mitigate'), ('transfer', 'Transfer'), ('accept', 'Accept')], max_length=10)),
                ('likelihood', models.PositiveSmallIntegerField(blank=True, help_text='1 to 5.', null=True)),
                ('impact', models.PositiveSmallIntegerField(blank=True, help_text='1 to 5.', null=True)),
                ('reasons', models.TextField(blank=True, help_text='Why this likelihood and impact.')),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('review_days', models.PositiveSmallIntegerField(default=180)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('inherent', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('residual', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('points', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('confidence', models.CharField(default='low', editable=False, max_length=6)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risks', to='initiatives.initiative')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='risks_owned', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('impact', None), ('likelihood', None)), models.Q(('impact__gte', 1), ('impact__lte', 5), ('likelihood__gte', 1), ('likelihood__lte', 5)), _connector='OR'), name='risk_both_steps_or_none'), models.CheckConstraint(condition=models.Q(models.Q(('inherent', None), ('likelihood', None), ('points', None), ('residual', None)), models.Q(('inherent__isnull', False), ('likelihood__isnull', False), ('points__isnull', False), ('residual__isnull', False)), _connector='OR'), name='risk_unassessed_has_no_level'), models.CheckConstraint(condition=models.Q(('review_days__gte', 1)), name='risk_review_days'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('initiative', 'category', 'title'), name='risk_once_while_open')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='5df1d90aa823fa748548c3954794147f94bd97bb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_8dada', table='risk_risk', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='95d7b42b5ea362deb95d79218a6da8c4ef9eb8c7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_9941f', table='risk_risk', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Control',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('prevent', 'Prevents: lowers likelihood'), ('limit', 'Limits: lowers impact')], max_length=7)),
                ('design', models.DecimalField(decimal_places=3, max_digits=4)),
                ('operating', models.DecimalField(decimal_places=3, max_digits=4)),
                ('evidence_on', models.DateField(blank=True, null=True)),
                ('evidence_ref', models.CharField(blank=True, max_length=500)),
                ('max_age_days', models.PositiveSmallIntegerField(default=365)),
                ('evidence_file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='controls', to='risk.risk')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('design__gte', 0), ('design__lte', 1), ('operating__gte', 0), ('operating__lte', 1)), name='risk_control_shares'), models.CheckConstraint(condition=models.Q(('evidence_on', None), models.Q(('evidence_ref', ''), _negated=True), ('evidence_file__isnull', False), _connector='OR'), name='risk_control_evidence_is_named'), models.UniqueConstraint(fields=('risk', 'title'), name='risk_control_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='696917ca3acce006e09a4402579dcee8382bdc3f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_bfa07', table='risk_control', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='04c03dd8ee172e5c6dc0308365e41bebea89ce40', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_f07c7', table='risk_control', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RiskScore',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('on', models.DateField(help_text='The day that aged evidence and review.')),
                ('scored_at', models.DateTimeField()),
                ('algorithm', models.CharField(max_length=20)),
                ('facts_hash', models.CharField(max_length=64)),
                ('inherent', models.PositiveSmallIntegerField(null=True)),
                ('residual', models.PositiveSmallIntegerField(null=True)),
                ('likelihood', models.PositiveSmallIntegerField(null=True)),
                ('impact', models.PositiveSmallIntegerField(null=True)),
                ('points', models.PositiveSmallIntegerField(null=True)),
                ('confidence', models.CharField(max_length=6)),
                ('lines', models.JSONField()),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='risk.risk')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['risk', '-scored_at'], name='risk_score_newest')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='5261bc50d608c3bf26017a1615b654eb47028cdd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_c83f9', table='risk_riskscore', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='71f258a4bbdbfd37ef97e098bd6f20c10e80a0d4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_86c83', table='risk_riskscore', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('drift.alarm', 'Drift alarm'), ('metric.missed', 'KPI below threshold'), ('model.stale', 'Model not evaluated'), ('monitor.silent', 'Monitor silent'), ('owner.missing', 'No accountable owner'), ('review.overdue', 'Review overdue'), ('vuln.open', 'Open vulnerability'), ('incident.open', 'Open incident'), ('cost.overrun', 'Over budget'), ('approval.expired', 'No valid approval'), ('law.changed', 'Law changed')], max_length=30)),
                ('ref', models.CharField(blank=True, help_text='Tells two open signals of a kind apart.', max_length=200)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('bias', 'Bias'), ('security', 'Security'), ('privacy', 'Privacy'), ('regulatory', 'Regulatory'), ('performance', 'Performance and drift'), ('operational', 'Operational'), ('financial', 'Financial'), ('third_party', 'Third party'), ('reputational', 'Reputational'), ('environmental', 'Environmental')], max_length=20), size=None)),
                ('up', models.PositiveSmallIntegerField(default=0)),
                ('floor', models.PositiveSmallIntegerField(default=1)),
                ('likelihood_floor', models.PositiveSmallIntegerField(default=1)),
                ('lowers_confidence', models.BooleanField(default=False)),
                ('evidence', models.TextField(help_text='Value, threshold, source and time in a sentence.')),
                ('raised_at', models.DateTimeField()),
                ('cleared_at', models.DateTimeField(blank=True, null=True)),
                ('cleared_because', models.TextField(blank=True)),
                ('cleared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals_cleared', to=settings.AUTH_USER_MODEL)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='initiatives.initiative')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals_raised', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None)), fields=('initiative', 'kind', 'ref'), name='risk_signal_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('cleared_at', None), ('cleared_because', ''), ('cleared_by', None)), models.Q(('cleared_at__isnull', False), ('cleared_by__isnull', False), models.Q(('cleared_because', ''), _negated=True)), _connector='OR'), name='risk_signal_cleared_who_when_why'), models.CheckConstraint(condition=models.Q(('floor__range', (1, 5)), ('likelihood_floor__range', (1, 5)), ('up__lte', 2)), name='risk_signal_effects')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='a63ca05851d291f5a8aa612d03b01da6659275dd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_2dbe0', table='risk_signal', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='a841bf4eb085619b3ea3c84b1d165589dceef55d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_f2914', table='risk_signal', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Appetite',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('category', models.CharField(choices=[('bias', 'Bias'), ('security', 'Security'), ('privacy', 'Privacy'), ('regulatory', 'Regulatory'), ('performance', 'Performance and drift'), ('operational', 'Operational'), ('financial', 'Financial'), ('third_party', 'Third party'), ('reputational', 'Reputational'), ('environmental', 'Environmental')], max_length=20)),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'Very low'), (2, 'Low'), (3, 'Moderate'), (4, 'High'), (5, 'Very high')])),
                ('from_on', models.DateField()),
                ('reason', models.TextField(blank=True)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_appetites', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('category', 'node', 'from_on'), name='risk_appetite_once_a_day'), models.CheckConstraint(condition=models.Q(('level__range', (1, 5))), name='risk_appetite_level')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ece878f394c7ff95e551511546bdc857e49a97c2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_b65d9', table='risk_appetite', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b5ed06b22ba183235e3ebea9452defc899036343', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_49fcc', table='risk_appetite', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Risk', 'Control', 'RiskScore', 'Signal', 'Appetite'],
        ),
    ]
