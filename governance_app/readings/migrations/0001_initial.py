"""The tables of readings."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('initiatives', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('key', models.CharField(help_text='Stable name within the initiative.', max_length=300)),
                ('name', models.CharField(max_length=300)),
                ('unit', models.CharField(blank=True, max_length=50)),
                ('cadence_days', models.PositiveSmallIntegerField(blank=True, help_text='How often a value is expected; empty when nobody said.', null=True)),
                ('source', models.CharField(help_text='Who delivers: "manual", "push" or "connection:<id>".', max_length=100)),
                ('latest_on', models.DateField(blank=True, editable=False, null=True)),
                ('recorded_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='initiatives.initiative')),
            ],
            options={
                'verbose_name_plural': 'series',
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'key'), name='readings_series_key_once_per_initiative'), models.CheckConstraint(condition=models.Q(models.Q(('latest_on', None), ('recorded_at', None)), models.Q(('latest_on__isnull', False), ('recorded_at__isnull', False)), _connector='OR'), name='readings_series_latest_with_moment')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='7eee3912aecc32882c4e9972ea98f2a3a97f461a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_16beb', table='readings_series', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='42707e773ee78387448d3b807642bc7a46ce0039', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_afcd6', table='readings_series', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Point',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('period_on', models.DateField()),
                ('value', models.DecimalField(decimal_places=18, max_digits=38)),
                ('known_from', models.DateTimeField()),
                ('known_to', models.DateTimeField(blank=True, null=True)),
                ('source_ref', models.CharField(blank=True, max_length=500)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='points', to='readings.series')),
            ],
            options={
                'indexes': [models.Index(fields=['series', 'period_on', 'known_from'], name='readings_point_as_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('known_to', None)), fields=('series', 'period_on'), name='readings_one_current_point_per_day'), models.CheckConstraint(condition=models.Q(('known_to', None), ('known_to__gt', models.F('known_from')), _connector='OR'), name='readings_point_known_forwards')],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Series'],
        ),
    ]
