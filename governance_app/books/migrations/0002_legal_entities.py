"""Legal entities, and the approved state of a month."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountingmonth',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('soft closed', 'Soft Closed'), ('approved', 'Approved'), ('closed', 'Closed')], default='open', max_length=12),
        ),
        migrations.CreateModel(
            name='LegalEntity',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(help_text='Company code in the ERP.', max_length=20, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('currency', models.CharField(help_text='It keeps its books in (ISO 4217).', max_length=3)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('node', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_entity', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='b71330ce602f215fa3272a5177dbb6e898683a6f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_3a9a8', table='books_legalentity', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='59352370d51bfe88deb19afcb00bd75a86453757', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_af524', table='books_legalentity', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['LegalEntity'],
        ),
    ]
