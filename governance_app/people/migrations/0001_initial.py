"""The tables of people."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(choices=[('person', 'Person'), ('system', 'System')], default='person', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('locale', models.CharField(default='en', max_length=10)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('currency', models.CharField(blank=True, max_length=3)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('password')", func='RETURN NULL;', hash='984e02734246d0cfca2eed4aa6caf6c869a0c6b3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_b411d', table='people_user', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='955823cd8b3b3794aa33f1bfa3199ab1527b80bb', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_52541', table='people_user', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('digest')", func='RETURN NULL;', hash='8b1228bb47b303d84df5e2675cc835ba1313687a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_d5788', table='people_apitoken', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='d6d62a91cc365e0fba8d110e98384a310dc0580e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_9b524', table='people_apitoken', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ScopeNode',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('organisation', 'Organisation'), ('unit', 'Unit'), ('initiative', 'Initiative')], max_length=12)),
                ('name', models.CharField(max_length=500)),
                ('code', models.CharField(blank=True, max_length=100)),
                ('path', models.TextField(unique=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['path'], name='people_path', opclasses=['text_pattern_ops'])],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'unit')), fields=('parent', 'name'), name='people_unit_name_once_per_parent', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('kind', 'organisation')), fields=('kind',), name='people_one_organisation'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'organisation'), ('parent', None)), models.Q(models.Q(('kind', 'organisation'), _negated=True), ('parent__isnull', False)), _connector='OR'), name='people_only_organisation_is_root')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='045e4cb9b21c4714037ddcf0fcdaa58ae4ea41be', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_b50ec', table='people_scopenode', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b292c968391f0ed3d1c33a971c73f6ec28cac43b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_86b64', table='people_scopenode', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.CharField(choices=[('executive', 'Executive'), ('program_manager', 'Program manager'), ('contributor', 'Contributor'), ('business_owner', 'Business owner'), ('finance_partner', 'Finance partner'), ('risk_officer', 'Risk officer'), ('governance_board', 'Governance board'), ('auditor', 'Auditor'), ('connector', 'Connector'), ('administrator', 'Administrator'), ('system', 'System principal')], max_length=30)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(blank=True, help_text='Last day, inclusive.', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('from_on')), _connector='OR'), name='people_grant_ends_after_start')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='d1a63f263c6135367756ada0fc0122abd57cccd1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_eb499', table='people_grant', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='86e21d32111c0a46f6e9cf0de668bb84a6d67da6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_011d2', table='people_grant', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['User', 'ApiToken', 'ScopeNode', 'Grant'],
        ),
    ]
