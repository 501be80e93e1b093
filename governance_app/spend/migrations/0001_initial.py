"""The spend ledger: loads, keys, key-months by billing month, shares, rules, budgets."""

import governance_app.audit.installing
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import governance_app.domain.ids

KEY_MONTHS = """
CREATE TABLE spend_spendkeymonth (
    load_id uuid NOT NULL,
    key_id uuid NOT NULL,
    invoice text NOT NULL,
    billing_month date NOT NULL,
    charge_month date NOT NULL,
    currency varchar(3) NOT NULL,
    billed numeric(38,18) NOT NULL,
    effective numeric(38,18) NOT NULL,
    contracted numeric(38,18),
    list numeric(38,18),
    consumed numeric(38,18),
    priced numeric(38,18),
    lines bigint NOT NULL CHECK (lines > 0),
    PRIMARY KEY (billing_month, key_id, load_id, charge_month, currency, invoice)
) PARTITION BY RANGE (billing_month);
CREATE INDEX spend_key_month_load ON spend_spendkeymonth (load_id);
"""

# The application may not own tables, so the owner makes a missing month for it. ATTACH, unlike
# CREATE ... PARTITION OF, lets others read the ledger meanwhile.
MAKE_MONTH = """
CREATE FUNCTION spend_make_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := 'spend_spendkeymonth_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month <> date_trunc('month', month) OR extract(year FROM month) NOT BETWEEN 2000 AND 2199 THEN
        RAISE EXCEPTION 'no billing month: %', month;
    END IF;
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('spend_make_month', 0));
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.spend_spendkeymonth INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
        part
    );
    EXECUTE format(
        'ALTER TABLE public.spend_spendkeymonth ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        part, month, (month + interval '1 month')::date
    );
END $$;
REVOKE ALL ON FUNCTION spend_make_month(date) FROM PUBLIC;
"""


def grant_make_month(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application's role call what the owner made for it."""
    role = settings.DATABASE_APP_ROLE
    if role:
        name = schema_editor.connection.ops.quote_name(role)
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION spend_make_month(date) TO {name}")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_initial'),
        ('initiatives', '0002_default_stages'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='SpendKey',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('provider', models.TextField()),
                ('issuer', models.TextField()),
                ('billing_account', models.TextField()),
                ('billing_account_name', models.TextField()),
                ('account', models.TextField(help_text='Sub-account: account, subscription or project.')),
                ('account_name', models.TextField()),
                ('service_category', models.TextField()),
                ('service_subcategory', models.TextField()),
                ('service', models.TextField()),
                ('resource', models.TextField()),
                ('resource_name', models.TextField()),
                ('resource_type', models.TextField()),
                ('region', models.TextField()),
                ('charge_category', models.TextField()),
                ('charge_class', models.TextField()),
                ('pricing_category', models.TextField()),
                ('commitment', models.TextField()),
                ('commitment_status', models.TextField()),
                ('consumed_unit', models.TextField()),
                ('pricing_unit', models.TextField()),
                ('model_developer', models.TextField()),
                ('model', models.TextField()),
                ('token_direction', models.TextField()),
                ('token_cache', models.TextField()),
                ('principal', models.TextField()),
                ('credential', models.TextField()),
                ('tags', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='BudgetPlan',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('fiscal_year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField(help_text='Version within the year, from 1.')),
                ('lines', models.PositiveIntegerField()),
                ('totals', models.JSONField(help_text='Currency -> exact total as text.')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('fiscal_year', 'number'), name='spend_budget_version_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='e2e51d9a43c43bf330429cbbf42a326361161025', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_4b20e', table='spend_budgetplan', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='bdd127525b567863b3b02b58cb5e31f6ee19c751', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_5cba2', table='spend_budgetplan', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('identity', models.CharField(max_length=500)),
                ('made_at', models.DateTimeField()),
                ('scope', models.CharField(blank=True, help_text='Of all its lines; empty: each billing account.', max_length=200)),
                ('focus_version', models.CharField(max_length=10)),
                ('rows', models.BigIntegerField()),
                ('refused_rows', models.BigIntegerField(default=0)),
                ('report', models.JSONField(default=dict)),
                ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to=settings.AUTH_USER_MODEL)),
                ('refused', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refused_of', to='files.storedfile')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='fa7cbfb5323dd38e46b1b1f86d2da9e9caabe982', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_10394', table='spend_delivery', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='a747b39a3132d345de120dacb59ed412be254517', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_49c78', table='spend_delivery', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='AllocationRun',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('cause', models.CharField(choices=[('delivery', 'Delivery'), ('rules', 'Rules')], max_length=10)),
                ('months', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), help_text='Billing months it balanced.', size=None)),
                ('rules', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), help_text='Rule versions asked, in order.', size=None)),
                ('shares_added', models.BigIntegerField()),
                ('shares_removed', models.BigIntegerField()),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocation_runs', to='spend.delivery')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['-created_at'], name='spend_run_newest')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='3c7fb59bb0a116532c3aa5adc0ee9675eb0bb734', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_94755', table='spend_allocationrun', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1ef2a0a611a46d4397b315a9cf9f9325582bdfa4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_9da0a', table='spend_allocationrun', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DeliveryFile',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=255)),
                ('position', models.PositiveIntegerField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='spend.delivery')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='files.storedfile')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('delivery', 'position'), name='spend_delivery_file_position')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='978597739c6c334b35d1fceac7ab755467783c3d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ab843', table='spend_deliveryfile', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='c234b281cebdfa8be482fc70ed28213144a0893c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_219b8', table='spend_deliveryfile', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Load',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('scope', models.CharField(max_length=200)),
                ('period', models.DateField(help_text='First day of the billing month.')),
                ('number', models.PositiveIntegerField(help_text='Version of this scope and month, from 1.')),
                ('identity', models.CharField(max_length=500)),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('current', 'Current'), ('superseded', 'Superseded'), ('parked', 'Parked')], max_length=10)),
                ('rows', models.BigIntegerField()),
                ('declared_rows', models.BigIntegerField(blank=True, null=True)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loads', to='spend.delivery')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='9ad276b35b10d40c39cf137c3bc550d1b05e5654', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_9d762', table='spend_load', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b30cd53464ac95ab1a4bddb900dff7b89f9aba5d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_083f2', table='spend_load', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='LoadArchive',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('rows', models.BigIntegerField()),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='load_archives', to='files.storedfile')),
                ('load', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='archive', to='spend.load')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='6e01720cad98016357307be5b182b15ba47a1ef2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_860dc', table='spend_loadarchive', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1a75ae0dc234ad7bf7551d288a57402f5e2e74ff', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_90c1d', table='spend_loadarchive', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='LoadTotal',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('currency', models.CharField(max_length=3)),
                ('billed', models.DecimalField(decimal_places=18, max_digits=38)),
                ('effective', models.DecimalField(decimal_places=18, max_digits=38)),
                ('contracted', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('list', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('lines', models.BigIntegerField()),
                ('declared_billed', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('load', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='totals', to='spend.load')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('load', 'currency'), name='spend_load_total_once'), models.CheckConstraint(condition=models.Q(('declared_billed', None), ('declared_billed', models.F('billed')), _connector='OR'), name='spend_load_billed_as_declared')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='40885cf289c1e7091005d718e8816633613318e9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_8c66c', table='spend_loadtotal', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='947c244629fc024ac2cffdd07f6266b1e5a43dba', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_db11d', table='spend_loadtotal', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spend_rules', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='608931f1ffadc2c09dcdb561fde62ae51f987485', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_0078f', table='spend_rule', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='6f245e0f0bec3b09eead0e397cc77e4c01a08650', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_72c4f', table='spend_rule', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RuleVersion',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('from_month', models.DateField()),
                ('until_month', models.DateField(blank=True, help_text='First charge month it no longer applies to.', null=True)),
                ('kind', models.CharField(choices=[('direct', 'All of it to one initiative')], default='direct', max_length=12)),
                ('conditions', models.JSONField()),
                ('takes_key', models.BooleanField(default=False)),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spend_rules', to='initiatives.initiative')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='spend.rule')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('rule', 'number'), name='spend_rule_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('initiative', None), ('takes_key', True)), models.Q(('initiative__isnull', False), ('takes_key', False)), _connector='OR'), name='spend_rule_has_one_target'), models.CheckConstraint(condition=models.Q(('until_month', None), ('until_month__gte', models.F('from_month')), _connector='OR'), name='spend_rule_ends_after_start'), models.CheckConstraint(condition=models.Q(('from_month__day', 1), models.Q(('until_month', None), ('until_month__day', 1), _connector='OR')), name='spend_rule_first_of_month')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='bac8696f23849cc7cb2065a9084c1cdcdf3c27b4', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ba13a', table='spend_ruleversion', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='cc0d9f37b55f62f30ddda97e653d75f5ff9bfcab', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_1f8a5', table='spend_ruleversion', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('scope_by', models.CharField(choices=[('billing account', 'Each billing account is replaced by itself'), ('export', 'A file replaces the whole month of this source')], default='billing account', max_length=20)),
                ('is_strict', models.BooleanField(default=True, help_text='A file with a line that cannot be counted is refused as a whole.')),
                ('is_day_first', models.BooleanField(default=False, help_text='Slashed dates are day/month/year; otherwise month first.')),
                ('host_is_provider', models.BooleanField(default=False, help_text="Services without a named host run on the provider's own cloud.")),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spend_sources', to='people.scopenode')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spend_sources', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='251a138eeb456e79b216a8409c9d911f43f201f5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_d7bfe', table='spend_source', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='7c54d807c0dc6a091e74d78d9ed5f3223df9539a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_e723d', table='spend_source', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='load',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loads', to='spend.source'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='spend.source'),
        ),
        migrations.CreateModel(
            name='CurrentLoad',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('scope', models.CharField(max_length=200)),
                ('period', models.DateField()),
                ('load', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='current_in', to='spend.load')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='current_loads', to='spend.source')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('source', 'scope', 'period'), name='spend_one_current_load')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ee38e2f5d0f48e2e9b57b19805f0bb302680b408', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_c9514', table='spend_currentload', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='75ce4f3cc83f04ebb52c9ad98f9e728f5f75da83', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_9edfb', table='spend_currentload', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='AllocationBalance',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('billing_month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('basis', models.CharField(choices=[('billed', 'Billed'), ('effective', 'Effective'), ('contracted', 'Contracted'), ('list', 'List')], max_length=10)),
                ('source_total', models.DecimalField(decimal_places=18, max_digits=38)),
                ('allocated', models.DecimalField(decimal_places=18, max_digits=38)),
                ('unallocated', models.DecimalField(decimal_places=18, max_digits=38)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='spend.allocationrun')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='spend.source')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('source_total', django.db.models.expressions.CombinedExpression(models.F('allocated'), '+', models.F('unallocated')))), name='spend_balance_holds'), models.UniqueConstraint(fields=('run', 'source', 'billing_month', 'currency', 'basis'), name='spend_balance_once')],
            },
        ),
        migrations.CreateModel(
            name='KeyShare',
            fields=[
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='spend.spendkey')),
                ('rule_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='key_shares', to='spend.ruleversion')),
                ('initiative', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='key_shares', to='initiatives.initiative')),
                ('pk', models.CompositePrimaryKey('key', 'from_month', 'initiative', blank=True, editable=False, primary_key=True, serialize=False)),
                ('from_month', models.DateField()),
                ('until_month', models.DateField()),
                ('share', models.DecimalField(decimal_places=18, max_digits=38)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='spend_share_part'), models.CheckConstraint(condition=models.Q(('until_month__gt', models.F('from_month'))), name='spend_share_lasts')],
            },
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('category', models.CharField(default='run', max_length=40)),
                ('amount', models.DecimalField(decimal_places=18, max_digits=38)),
                ('currency', models.CharField(max_length=3)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budgets', to='people.scopenode')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budgets', to='spend.budgetplan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'node', 'month', 'category'), name='spend_budget_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='spend_budget_not_negative'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='spend_budget_first_of_month')],
            },
        ),
        migrations.AddIndex(
            model_name='load',
            index=models.Index(fields=['period'], name='spend_load_period'),
        ),
        migrations.AddConstraint(
            model_name='load',
            constraint=models.UniqueConstraint(fields=('source', 'scope', 'period', 'number'), name='spend_load_version_once'),
        ),
        migrations.AddConstraint(
            model_name='load',
            constraint=models.CheckConstraint(condition=models.Q(('period__day', 1)), name='spend_load_first_of_month'),
        ),
        migrations.AddConstraint(
            model_name='load',
            constraint=models.CheckConstraint(condition=models.Q(('declared_rows', None), ('declared_rows', models.F('rows')), _connector='OR'), name='spend_load_rows_as_declared'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['source', '-created_at'], name='spend_delivery_newest'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(KEY_MONTHS, "DROP TABLE spend_spendkeymonth CASCADE"),
                migrations.RunSQL(MAKE_MONTH, "DROP FUNCTION spend_make_month(date)"),
                migrations.RunPython(grant_make_month, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="SpendKeyMonth",
                    fields=[
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="key_months",
                                to="spend.load",
                            ),
                        ),
                        (
                            "key",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="months",
                                to="spend.spendkey",
                            ),
                        ),
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "billing_month",
                                "key",
                                "load",
                                "charge_month",
                                "currency",
                                "invoice",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("invoice", models.TextField()),
                        ("billing_month", models.DateField()),
                        ("charge_month", models.DateField()),
                        ("currency", models.CharField(max_length=3)),
                        ("billed", models.DecimalField(decimal_places=18, max_digits=38)),
                        ("effective", models.DecimalField(decimal_places=18, max_digits=38)),
                        (
                            "contracted",
                            models.DecimalField(
                                blank=True, decimal_places=18, max_digits=38, null=True
                            ),
                        ),
                        (
                            "list",
                            models.DecimalField(
                                blank=True, decimal_places=18, max_digits=38, null=True
                            ),
                        ),
                        (
                            "consumed",
                            models.DecimalField(
                                blank=True, decimal_places=18, max_digits=38, null=True
                            ),
                        ),
                        (
                            "priced",
                            models.DecimalField(
                                blank=True, decimal_places=18, max_digits=38, null=True
                            ),
                        ),
                        ("lines", models.BigIntegerField()),
                    ],
                ),
            ],
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['BudgetPlan', 'Delivery', 'AllocationRun', 'DeliveryFile', 'Load', 'LoadArchive', 'LoadTotal', 'Rule', 'RuleVersion', 'Source', 'CurrentLoad'],
        ),
    ]
