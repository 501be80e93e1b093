"""Definitions of KPIs, populations, assumptions with ranges, evidence, signatures."""

import django.db.models.deletion
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('initiatives', '0002_default_stages'),
        ('people', '__first__'),
        ('readings', '0001_initial'),
        ('value', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BenefitEvidence',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('month', models.DateField(blank=True, null=True)),
                ('sentence', models.CharField(blank=True, max_length=500)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='benefit_evidence', to=settings.AUTH_USER_MODEL)),
                ('benefit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence_files', to='value.benefit')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='benefit_evidence', to='initiatives.initiative')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('benefit', 'month', 'file'), name='value_evidence_once', nulls_distinct=False)],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='d6d33dbb53d448b05d9afe7ebff980ad65297f68', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_31fd5', table='value_benefitevidence', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3de8d12e7aafb88dbfa32f67a9ec526b197a0afa', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_bb5db', table='value_benefitevidence', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CaseAssumption',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('factor', models.CharField(blank=True, choices=[('', 'None of the bridge'), ('adoption', 'Adoption'), ('volume', 'Volume'), ('unit_effect', 'Effect per unit'), ('acceptance', 'Acceptance'), ('capture', 'Capture'), ('price', 'Price')], max_length=12)),
                ('unit', models.CharField(blank=True, max_length=50)),
                ('low', models.DecimalField(decimal_places=18, max_digits=38)),
                ('likely', models.DecimalField(decimal_places=18, max_digits=38)),
                ('high', models.DecimalField(decimal_places=18, max_digits=38)),
                ('moves', models.CharField(choices=[('cost', 'Cost'), ('benefit', 'Benefit')], default='benefit', max_length=7)),
                ('driver', models.CharField(blank=True, max_length=60)),
                ('evidence', models.CharField(blank=True, max_length=500)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rests_on', to='value.businesscase')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assumptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('case', 'name'), name='value_assumption_name_once'), models.CheckConstraint(condition=models.Q(('high__gte', models.F('likely')), ('low__lte', models.F('likely'))), name='value_assumption_range')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='8c7a4e4fc63906fc22bd0571cb7084260b890251', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_3ffce', table='value_caseassumption', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='f55908a39137f35d06059cdc53e8a6615afd3f59', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_74a31', table='value_caseassumption', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_with_case', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM 1 FROM value_businesscase\n        WHERE state = 'approved' AND id = (CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END).case_id;\n    IF FOUND THEN\n        RAISE EXCEPTION 'The assumptions of an approved business case are frozen.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n", hash='3b8e38573281a27a22d350a02d1ab44348353c93', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_freeze_with_case_2ba99', table='value_caseassumption', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='KpiDefinition',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('key', models.SlugField(help_text='Named by formulas: handling_time.', max_length=60)),
                ('name', models.CharField(max_length=300)),
                ('meaning', models.TextField(blank=True)),
                ('unit', models.CharField(blank=True, max_length=50)),
                ('direction', models.CharField(choices=[('higher', 'Higher is better'), ('lower', 'Lower is better')], max_length=6)),
                ('cadence_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('value_type', models.CharField(blank=True, choices=[('faster_decisions', 'Faster decisions'), ('customer_experience', 'Customer experience'), ('resource_allocation', 'Resource allocation'), ('product_quality', 'Product quality'), ('operational_efficiency', 'Operational efficiency'), ('revenue', 'Revenue'), ('risk', 'Risk')], max_length=30)),
                ('formula', models.CharField(blank=True, help_text='Over keys of other KPIs.', max_length=500)),
                ('personas', models.JSONField(blank=True, default=list, help_text='Whom it concerns.')),
                ('is_retired', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('key',), name='value_definition_key_once'), models.CheckConstraint(condition=models.Q(('cadence_days', None), ('cadence_days__gt', 0), _connector='OR'), name='value_definition_cadence')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='51ecaccca0e287e8e3f29aa7e47084cdb21d672c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_61a95', table='value_kpidefinition', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b9fbf36ed70b0d0d5ea84abc73a2a718f0b3c114', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_75053', table='value_kpidefinition', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PopulationHours',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('population', models.CharField(help_text='As benefits and KPIs name it.', max_length=300)),
                ('from_month', models.DateField()),
                ('paid_hours', models.DecimalField(decimal_places=2, max_digits=14)),
                ('source', models.CharField(blank=True, help_text='Where the figure is from.', max_length=300)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('population', 'from_month'), name='value_population_once_a_month'), models.CheckConstraint(condition=models.Q(('from_month__day', 1), ('paid_hours__gt', 0)), name='value_population_hours')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='12a303c39b5cc3777d6eba8282441fff05c15845', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ef090', table='value_populationhours', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='14bd69ee3d8fe4541507b9c47f8070ac26112bb3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_93f13', table='value_populationhours', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='benefit',
            name='dispositions',
            field=models.JSONField(blank=True, default=dict, help_text='Where freed time went -> share, as text.'),
        ),
        migrations.AddField(
            model_name='benefit',
            name='rebase_ref',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='benefit',
            name='rebased_month',
            field=models.DateField(blank=True, help_text='First month of the budget that holds it.', null=True),
        ),
        migrations.AddField(
            model_name='benefit',
            name='signed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='benefit',
            name='signed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='benefits_signed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='benefit',
            name='template',
            field=models.CharField(blank=True, choices=[('', 'No template'), ('labour_saved', 'Labour saved'), ('volume_absorbed', 'Volume absorbed'), ('error_avoided', 'Errors avoided'), ('revenue', 'Revenue, as contribution margin'), ('cost_avoided', 'Cost avoided'), ('risk_reduced', 'Risk reduced')], max_length=20),
        ),
        migrations.AddField(
            model_name='benefitmonth',
            name='hours',
            field=models.DecimalField(blank=True, decimal_places=6, help_text='Hours freed, where the formula is labour.', max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name='benefitmonth',
            name='valid_until_on',
            field=models.DateField(blank=True, help_text='Last day on which the validation holds.', null=True),
        ),
        migrations.AddField(
            model_name='caseline',
            name='high',
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='caseline',
            name='low',
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='kpi',
            name='formula',
            field=models.CharField(blank=True, help_text='Over the keys of other KPIs of the initiative.', max_length=500),
        ),
        migrations.AddField(
            model_name='kpi',
            name='target_band',
            field=models.DecimalField(blank=True, decimal_places=18, help_text='How far from its path a reading may lie and still be on track.', max_digits=38, null=True),
        ),
        migrations.AlterField(
            model_name='caseline',
            name='amount',
            field=models.DecimalField(decimal_places=18, help_text='Likely.', max_digits=38),
        ),
        migrations.AddConstraint(
            model_name='benefit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rebase_ref', ''), ('rebased_month', None)), models.Q(('rebased_month__day', 1), models.Q(('rebase_ref', ''), _negated=True)), _connector='OR'), name='value_benefit_rebased_with_reference'),
        ),
        migrations.AddConstraint(
            model_name='benefit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None)), models.Q(('signed_at__isnull', False), ('signed_by', models.F('owner'))), _connector='OR'), name='value_benefit_signed_by_its_owner'),
        ),
        migrations.AddConstraint(
            model_name='caseline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('low', None), models.Q(('low__gte', 0), ('low__lte', models.F('amount'))), _connector='OR'), models.Q(('high', None), ('high__gte', models.F('amount')), _connector='OR')), name='value_line_range'),
        ),
        migrations.AddField(
            model_name='kpi',
            name='definition',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='kpis', to='value.kpidefinition'),
        ),
        migrations.AddConstraint(
            model_name='kpi',
            constraint=models.CheckConstraint(condition=models.Q(('target_band', None), models.Q(('target__isnull', False), ('target_band__gte', 0)), _connector='OR'), name='value_kpi_band_around_a_target'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['KpiDefinition', 'PopulationHours', 'BenefitEvidence', 'CaseAssumption'],
        ),
    ]
