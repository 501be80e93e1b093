"""Splits, shared-cost pools, proposals, and the sums that pages read."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('initiatives', '0002_default_stages'),
        ('people', '0001_initial'),
        ('spend', '0003_close_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pool',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spend_pools', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spend_pools', to='people.scopenode')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('position', models.PositiveIntegerField()),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='43601572e77c154db6d7abe5a8235054d5d9c69a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_85829', table='spend_pool', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1a7a35a6e1cd3f562ae933e2e2281fd752308ed8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_28006', table='spend_pool', when='BEFORE'))],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TagSynonym',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('tag', models.CharField(blank=True, max_length=200)),
                ('written', models.CharField(max_length=500)),
                ('means', models.CharField(max_length=500)),
                ('from_month', models.DateField()),
                ('until_month', models.DateField(blank=True, null=True)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='b7b6371e809071833228494c438e17df4a2ce364', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_0b930', table='spend_tagsynonym', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='57f998366d4a10129efa6dedb0eec11bc60a3f52', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_2997b', table='spend_tagsynonym', when='BEFORE'))],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RuleTarget',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('rule_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='spend.ruleversion')),
                ('pool', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rule_targets', to='spend.pool')),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rule_targets', to='initiatives.initiative')),
                ('position', models.PositiveIntegerField()),
                ('share', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='955d400b0de1b7243df5d09be8883b95a40fac65', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_5e606', table='spend_ruletarget', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='100f685220da93243dfe73c20baa59b12d577aef', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_84549', table='spend_ruletarget', when='BEFORE'))],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RuleProposal',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='spend.rule')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules_proposed', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rule_proposals', to='people.scopenode')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rules_decided', to=settings.AUTH_USER_MODEL)),
                ('action', models.CharField(choices=[('add', 'Add a rule'), ('change', 'Let a rule say something else'), ('end', 'End a rule'), ('restore', 'Let an ended rule go on'), ('move', 'Ask a rule earlier or later')], max_length=10)),
                ('asked', models.JSONField()),
                ('effect', models.JSONField(default=dict, help_text='What it would move, when it was asked for.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for a second pair of eyes'), ('applied', 'Applied'), ('rejected', 'Rejected')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('is_four_eyes', models.BooleanField(default=False)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='54ae02ffae760b91950cbe10b98cb8a84c7c1278', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_16c1e', table='spend_ruleproposal', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='ccd72944b08e2a6f07d1d33251c2a63ccd656035', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_f777e', table='spend_ruleproposal', when='BEFORE'))],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SpendFacet',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('provider', models.TextField()),
                ('issuer', models.TextField()),
                ('billing_account', models.TextField()),
                ('billing_account_name', models.TextField()),
                ('account', models.TextField()),
                ('account_name', models.TextField()),
                ('service_category', models.TextField()),
                ('service_subcategory', models.TextField()),
                ('service', models.TextField()),
                ('resource_type', models.TextField()),
                ('region', models.TextField()),
                ('charge_category', models.TextField()),
                ('charge_class', models.TextField()),
                ('pricing_category', models.TextField()),
                ('commitment', models.TextField()),
                ('commitment_status', models.TextField()),
                ('consumed_unit', models.TextField()),
                ('model_developer', models.TextField()),
                ('model', models.TextField()),
                ('token_direction', models.TextField()),
                ('token_cache', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='SpendAllotment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('facet', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='spend.spendfacet')),
                ('rule_version', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='spend.ruleversion')),
                ('load', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='spend.load')),
                ('initiative', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allotments', to='initiatives.initiative')),
                ('billing_month', models.DateField()),
                ('charge_month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('billed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('effective', models.DecimalField(decimal_places=18, max_digits=38)),
                ('contracted', models.DecimalField(decimal_places=18, max_digits=38)),
                ('list', models.DecimalField(decimal_places=18, max_digits=38)),
                ('consumed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('gross_billed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('gross_effective', models.DecimalField(decimal_places=18, max_digits=38)),
                ('contracted_gaps', models.BigIntegerField()),
                ('list_gaps', models.BigIntegerField()),
                ('lines', models.BigIntegerField()),
                ('first_lines', models.BigIntegerField()),
                ('parts', models.BigIntegerField(help_text='Key-months, or parts of them, in these sums.')),
            ],
        ),
        migrations.CreateModel(
            name='SpendDay',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('facet', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='spend.spendfacet')),
                ('load', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='spend.load')),
                ('day', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('billed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('effective', models.DecimalField(decimal_places=18, max_digits=38)),
                ('lines', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='KeySplit',
            fields=[
                ('rule_version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='key_splits', to='spend.ruleversion')),
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='spend.spendkey')),
                ('pk', models.CompositePrimaryKey('key', 'from_month', blank=True, editable=False, primary_key=True, serialize=False)),
                ('from_month', models.DateField()),
                ('until_month', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='SplitShare',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('rule_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='split_shares', to='spend.ruleversion')),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_shares', to='initiatives.initiative')),
                ('charge_month', models.DateField()),
                ('position', models.PositiveIntegerField()),
                ('weight', models.DecimalField(decimal_places=0, max_digits=900)),
                ('total', models.DecimalField(decimal_places=0, max_digits=900)),
                ('share', models.DecimalField(decimal_places=18, max_digits=38)),
                ('steps', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='SplitPart',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('rule_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='split_parts', to='spend.ruleversion')),
                ('load', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='split_parts', to='spend.load')),
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='split_parts', to='spend.spendkey')),
                ('initiative', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_parts', to='initiatives.initiative')),
                ('invoice', models.TextField()),
                ('billing_month', models.DateField()),
                ('charge_month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('number', models.PositiveIntegerField()),
                ('share', models.DecimalField(decimal_places=18, max_digits=38)),
                ('billed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('effective', models.DecimalField(decimal_places=18, max_digits=38)),
                ('contracted', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('list', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('consumed', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('priced', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('lines', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Anomaly',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='anomalies', to='spend.source')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='anomalies', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='anomalies_decided', to=settings.AUTH_USER_MODEL)),
                ('provider', models.TextField(blank=True)),
                ('service', models.TextField(blank=True)),
                ('account', models.TextField(blank=True)),
                ('account_name', models.TextField(blank=True)),
                ('grain', models.CharField(choices=[('day', 'Day'), ('month', 'Month')], max_length=5)),
                ('on', models.DateField(help_text='The day, or the first day of the month.')),
                ('currency', models.CharField(max_length=3)),
                ('actual', models.DecimalField(decimal_places=18, max_digits=38)),
                ('usual', models.DecimalField(decimal_places=18, max_digits=38)),
                ('ratio', models.FloatField(blank=True, help_text='Actual / usual; empty at usual 0.', null=True)),
                ('score', models.FloatField(help_text='Robust deviations from the usual.')),
                ('sentence', models.TextField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('explained', 'Explained'), ('dismissed', 'Dismissed'), ('gone', 'Gone: a restated bill took it away')], default='open', max_length=10)),
                ('note', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='27cb6871f9ef94025aaedaad2a7388ebd06894cd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_2b7b7', table='spend_anomaly', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='0878d0a67932226e06afff573632851a417c22bf', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_0dadf', table='spend_anomaly', when='BEFORE'))],
                'verbose_name_plural': 'anomalies',
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='ruleversion',
            name='spend_rule_has_one_target',
        ),
        migrations.AddField(
            model_name='allocationrun',
            name='asked',
            field=models.JSONField(default=list, help_text='What was asked, so that the next run does only what differs.'),
        ),
        migrations.AddField(
            model_name='allocationrun',
            name='keys_touched',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='driver',
            field=models.CharField(blank=True, choices=[('cost', 'direct cost'), ('tokens', 'tokens'), ('requests', 'requests'), ('seats', 'seats')], max_length=10),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='takes_unused',
            field=models.BooleanField(default=False, help_text='Splits unused commitments too; else they stay with the buyer.'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='when_zero',
            field=models.CharField(blank=True, choices=[('unallocated', 'Stays unallocated'), ('even', 'Is split evenly')], default='unallocated', max_length=12),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='within',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.scopenode'),
        ),
        migrations.AlterField(
            model_name='ruleversion',
            name='kind',
            field=models.CharField(choices=[('direct', 'All of it to one initiative'), ('even', 'Split evenly'), ('fixed', 'Split by fixed shares'), ('driver', 'Split in proportion to a driver'), ('pool', 'Into a shared-cost pool')], default='direct', max_length=12),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='from_pool',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='passed_on_by', to='spend.pool'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='pool',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='filled_by', to='spend.pool'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('initiative', None), ('kind', 'direct'), ('pool', None), ('takes_key', True)), models.Q(('initiative__isnull', False), ('kind', 'direct'), ('pool', None), ('takes_key', False)), models.Q(('initiative', None), ('kind', 'pool'), ('pool__isnull', False), ('takes_key', False)), models.Q(('initiative', None), ('kind__in', ['even', 'fixed', 'driver']), ('pool', None), ('takes_key', False)), _connector='OR'), name='spend_rule_has_one_outcome'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'driver'), models.Q(('driver', ''), _negated=True)), models.Q(models.Q(('kind', 'driver'), _negated=True), ('driver', '')), _connector='OR'), name='spend_rule_driver_when_driven'),
        ),
        migrations.AddConstraint(
            model_name='tagsynonym',
            constraint=models.UniqueConstraint(fields=('tag', 'written', 'from_month'), name='spend_synonym_once'),
        ),
        migrations.AddConstraint(
            model_name='tagsynonym',
            constraint=models.CheckConstraint(condition=models.Q(('until_month', None), ('until_month__gte', models.F('from_month')), _connector='OR'), name='spend_synonym_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='anomaly',
            index=models.Index(fields=['state', '-on'], name='spend_anomaly_open'),
        ),
        migrations.AddConstraint(
            model_name='anomaly',
            constraint=models.UniqueConstraint(fields=('source', 'provider', 'service', 'account', 'grain', 'on', 'currency'), name='spend_anomaly_once'),
        ),
        migrations.AddConstraint(
            model_name='anomaly',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ['open', 'gone'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['explained', 'dismissed'])), _connector='OR'), name='spend_anomaly_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='keysplit',
            constraint=models.CheckConstraint(condition=models.Q(('until_month__gt', models.F('from_month'))), name='spend_split_lasts'),
        ),
        migrations.AddField(
            model_name='spendkey',
            name='facet_id',
            field=models.GeneratedField(db_persist=True, expression=models.Func(output_field=models.UUIDField(), template='md5(provider || chr(31) || issuer || chr(31) || billing_account || chr(31) || billing_account_name || chr(31) || account || chr(31) || account_name || chr(31) || service_category || chr(31) || service_subcategory || chr(31) || service || chr(31) || resource_type || chr(31) || region || chr(31) || charge_category || chr(31) || charge_class || chr(31) || pricing_category || chr(31) || commitment || chr(31) || commitment_status || chr(31) || consumed_unit || chr(31) || model_developer || chr(31) || model || chr(31) || token_direction || chr(31) || token_cache)::uuid'), help_text='Digest of the columns that SpendFacet keeps.', output_field=models.UUIDField()),
        ),
        migrations.AddIndex(
            model_name='ruleproposal',
            index=models.Index(fields=['-created_at'], name='spend_proposal_newest'),
        ),
        migrations.AddConstraint(
            model_name='ruleproposal',
            constraint=models.CheckConstraint(condition=models.Q(('is_four_eyes', False), models.Q(('state', 'applied'), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='spend_proposal_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='ruleproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='spend_proposal_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='ruletarget',
            constraint=models.UniqueConstraint(fields=('rule_version', 'initiative'), name='spend_target_initiative_once'),
        ),
        migrations.AddConstraint(
            model_name='ruletarget',
            constraint=models.UniqueConstraint(fields=('rule_version', 'pool'), name='spend_target_pool_once'),
        ),
        migrations.AddConstraint(
            model_name='ruletarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('initiative', None), ('pool__isnull', False)), models.Q(('initiative__isnull', False), ('pool', None)), _connector='OR'), name='spend_target_is_one'),
        ),
        migrations.AddConstraint(
            model_name='ruletarget',
            constraint=models.CheckConstraint(condition=models.Q(('share', None), models.Q(('share__gt', 0), ('share__lte', 1)), _connector='OR'), name='spend_target_share'),
        ),
        migrations.AddIndex(
            model_name='spendday',
            index=models.Index(fields=['day'], name='spend_day_when'),
        ),
        migrations.AddIndex(
            model_name='spendallotment',
            index=models.Index(fields=['charge_month'], name='spend_allotment_month'),
        ),
        migrations.AddConstraint(
            model_name='spendallotment',
            constraint=models.UniqueConstraint(fields=('load', 'facet', 'billing_month', 'charge_month', 'currency', 'initiative', 'rule_version'), name='spend_allotment_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='splitpart',
            index=models.Index(fields=['key', 'charge_month'], name='spend_part_of_key'),
        ),
        migrations.AddIndex(
            model_name='splitpart',
            index=models.Index(fields=['load'], name='spend_part_of_load'),
        ),
        migrations.AddConstraint(
            model_name='splitshare',
            constraint=models.UniqueConstraint(fields=('rule_version', 'charge_month', 'initiative'), name='spend_split_share_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='splitshare',
            constraint=models.CheckConstraint(condition=models.Q(('total__gte', models.F('weight')), ('weight__gt', 0)), name='spend_split_share_part'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Anomaly', 'Pool', 'RuleProposal', 'RuleTarget', 'TagSynonym'],
        ),
    ]
