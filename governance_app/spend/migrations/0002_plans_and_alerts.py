"""Budgets with quantities, submitted forecasts, budget alerts."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
        ('spend', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BudgetAlert',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('actual', 'spent'), ('forecast', 'forecast')], max_length=10)),
                ('threshold_ratio', models.DecimalField(decimal_places=4, max_digits=8)),
                ('through', models.DateField(help_text='Last complete month it counts.')),
                ('amount', models.DecimalField(decimal_places=18, max_digits=38)),
                ('budget', models.DecimalField(decimal_places=18, max_digits=38)),
                ('currency', models.CharField(max_length=3)),
                ('sentence', models.TextField()),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budget_alerts', to='people.scopenode')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='budget_alerts', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='spend.budgetplan')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='f4915fe9f4ea8c7a7b7e40bd6b0e0b3b4c31f2b6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_4d92b', table='spend_budgetalert', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='0d41f16768b7d37d2c02e335cc90b6667e8d9245', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_3e577', table='spend_budgetalert', when='BEFORE'))],
                'indexes': [models.Index(fields=['-created_at'], name='spend_alert_newest')],
                'constraints': [models.UniqueConstraint(fields=('plan', 'node', 'kind', 'threshold_ratio'), name='spend_alert_once'), models.CheckConstraint(condition=models.Q(('threshold_ratio__gt', 0)), name='spend_alert_threshold_positive')],
            },
        ),
        migrations.CreateModel(
            name='ForecastRound',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('fiscal_year', models.PositiveSmallIntegerField()),
                ('first_month', models.DateField(help_text='First month that owners estimate.')),
                ('last_month', models.DateField(help_text='Last month of the fiscal year.')),
                ('due_on', models.DateField()),
                ('locked_at', models.DateTimeField(blank=True, null=True)),
                ('locked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='locked_forecasts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='364b16e5fb6e5fe40f4a95100719a11331b62bc8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_2c381', table='spend_forecastround', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='42cc8804bf9d4e0fa458eb1d3b7095cf2ee1a6ec', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_8869a', table='spend_forecastround', when='BEFORE'))],
                'constraints': [models.UniqueConstraint(fields=('fiscal_year', 'name'), name='spend_round_named_once'), models.CheckConstraint(condition=models.Q(('first_month__day', 1), ('last_month__day', 1), ('last_month__gte', models.F('first_month'))), name='spend_round_of_whole_months'), models.CheckConstraint(condition=models.Q(models.Q(('locked_at', None), ('locked_by', None)), models.Q(('locked_at__isnull', False), ('locked_by__isnull', False)), _connector='OR'), name='spend_round_locked_who_and_when')],
            },
        ),
        migrations.CreateModel(
            name='ForecastSubmission',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('total', models.DecimalField(decimal_places=18, max_digits=38)),
                ('note', models.TextField(blank=True)),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forecast_submissions', to='people.scopenode')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='spend.forecastround')),
                ('submitted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forecast_submissions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ee1622fac62c997aba185e2f27db64f7bb5a7c87', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_f63f7', table='spend_forecastsubmission', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b7fa9953be773e8ccea9b854d869941d78a9c43e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_a0a8a', table='spend_forecastsubmission', when='BEFORE'))],
                'constraints': [models.UniqueConstraint(fields=('round', 'node', 'number'), name='spend_submission_number_once')],
            },
        ),
        migrations.CreateModel(
            name='ForecastMonth',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('category', models.CharField(default='run', max_length=40)),
                ('amount', models.DecimalField(decimal_places=18, max_digits=38)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='months', to='spend.forecastsubmission')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('submission', 'month', 'category'), name='spend_forecast_month_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='spend_forecast_first_of_month')],
            },
        ),
        migrations.AddField(
            model_name='budget',
            name='quantity',
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='budget',
            name='quantity_unit',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='budgetplan',
            name='digest',
            field=models.CharField(blank=True, help_text='Of its lines: the same budget again is no version.', max_length=64),
        ),
        migrations.AddField(
            model_name='budgetplan',
            name='file',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='budget_plans', to='files.storedfile'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quantity', None), ('quantity_unit', '')), models.Q(('quantity__gt', 0), models.Q(('quantity_unit', ''), _negated=True)), _connector='OR'), name='spend_budget_quantity_has_unit'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['BudgetAlert', 'ForecastRound', 'ForecastSubmission'],
        ),
    ]
