"""The tables of books."""

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
            name='Currency',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=3, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('minor_units', models.PositiveSmallIntegerField(default=2)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='3344a0dae5326b44d4d8709e381124ec0b0337d5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_b3fca', table='books_currency', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='37472589a88e12a81b25d1734ec68647ff56a15e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c974f', table='books_currency', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('base', models.CharField(max_length=3)),
                ('quote', models.CharField(max_length=3)),
                ('month', models.DateField(help_text='First day of the month.')),
                ('kind', models.CharField(choices=[('average', 'Average'), ('closing', 'Closing'), ('budget', 'Budget')], max_length=8)),
                ('value', models.DecimalField(decimal_places=18, max_digits=38)),
                ('source', models.CharField(max_length=200)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['base', 'quote', 'kind', 'month'], name='books_rate_pair')],
                'constraints': [models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='books_rate_positive'), models.CheckConstraint(condition=models.Q(('base', models.F('quote')), _negated=True), name='books_rate_two_currencies'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='books_rate_first_of_month')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='30c964c5448cafd8e1b7292cdef5d30c6f733da1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_9a426', table='books_rate', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='64376c66457ddac8b05d34b0787e58e9fab421f9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c4aa6', table='books_rate', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='AccountingMonth',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('month', models.DateField(help_text='First day of the month.', unique=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('soft closed', 'Soft Closed'), ('closed', 'Closed')], default='open', max_length=12)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closed_months', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('month__day', 1)), name='books_month_first_day'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='books_month_closed_who_and_when')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='b167565ee97f698ecb73ea90dc063eb1d685e95c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_c4ae0', table='books_accountingmonth', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='f6375c3aaf551a6e4bb93b1e855f264afdbca8ab', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_fb24d', table='books_accountingmonth', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DatedSetting',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('key', models.CharField(max_length=100)),
                ('value', models.JSONField()),
                ('from_on', models.DateField()),
                ('source', models.CharField(blank=True, max_length=300)),
                ('node', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settings', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['key', 'from_on'], name='books_setting_key')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='4e7afc79d2b193fa842c4916ae3f0a5992ad11ef', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_e8b3b', table='books_datedsetting', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='008e264291cdc78f41854005f99c73f57f8e649b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_32414', table='books_datedsetting', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Currency', 'Rate', 'AccountingMonth', 'DatedSetting'],
        ),
    ]
