"""The tables of value."""

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
        ('people', '__first__'),
        ('readings', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BusinessCase',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveSmallIntegerField(help_text='1, 2, ... within the initiative.')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved')], default='draft', max_length=10)),
                ('assumptions', models.TextField(blank=True)),
                ('currency', models.CharField(max_length=3)),
                ('annual_rate', models.DecimalField(decimal_places=6, help_text='Discount rate; 0.10 is 10 %.', max_digits=7)),
                ('valuation_month', models.DateField(help_text='Month of t = 0.')),
                ('go_live_month', models.DateField(blank=True, null=True)),
                ('total_cost', models.DecimalField(decimal_places=18, default=0, max_digits=38)),
                ('total_benefit', models.DecimalField(decimal_places=18, default=0, max_digits=38)),
                ('line_count', models.PositiveIntegerField(default=0)),
                ('lines_sha256', models.CharField(help_text='Of the lines in order; what was approved can be proved.', max_length=64)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('approval_sentence', models.TextField(blank=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases_approved', to=settings.AUTH_USER_MODEL)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='initiatives.initiative')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases_written', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'number'), name='value_case_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('initiative',), name='value_case_one_draft'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None), ('state', 'draft')), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('state', 'approved')), _connector='OR'), name='value_case_approved_who_and_when'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('written_by')), _negated=True), _connector='OR'), name='value_case_approver_is_not_author'), models.CheckConstraint(condition=models.Q(('annual_rate__gt', -1)), name='value_case_rate'), models.CheckConstraint(condition=models.Q(('valuation_month__day', 1), models.Q(('go_live_month', None), ('go_live_month__day', 1), _connector='OR')), name='value_case_first_of_month')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='f232f1777ea4abb214bc632e46702a2cc6fefa9f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_eed49', table='value_businesscase', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='7f7533189b146c8a7f5cac9b10f98934ce07103e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_79a18', table='value_businesscase', when='BEFORE')), pgtrigger.compiler.Trigger(name='freeze_approved', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.state = 'approved' THEN\n        RAISE EXCEPTION 'An approved business case is frozen; write a new version beside it.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n", hash='567a03a04d110f234ba28f8e6da75df861c0ff37', operation='UPDATE OR DELETE', pgid='pgtrigger_freeze_approved_6c6b6', table='value_businesscase', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='CaseLine',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('side', models.CharField(choices=[('cost', 'Cost'), ('benefit', 'Benefit')], max_length=7)),
                ('category', models.CharField(choices=[('build', 'Build'), ('data', 'Data'), ('run', 'Run: inference, platform, licences'), ('people', 'People'), ('refresh', 'Model refresh'), ('governance', 'Governance'), ('change', 'Change and training'), ('retirement', 'Retirement'), ('hard', 'Hard: a budget line falls'), ('avoided', 'Avoided: spending that did not happen'), ('soft', 'Soft: quantified, neither hard nor avoided'), ('qualitative', 'Qualitative')], max_length=20)),
                ('month', models.DateField()),
                ('amount', models.DecimalField(decimal_places=18, max_digits=38)),
                ('currency', models.CharField(max_length=3)),
                ('is_recurring', models.BooleanField(default=True)),
                ('treatment', models.CharField(blank=True, choices=[('opex', 'Operating expense'), ('capex', 'Capital expense')], max_length=5)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='value.businesscase')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='value_line_not_negative'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='value_line_first_of_month'), models.CheckConstraint(condition=models.Q(models.Q(('category__in', ['build', 'data', 'run', 'people', 'refresh', 'governance', 'change', 'retirement']), ('side', 'cost')), models.Q(('category__in', ['hard', 'avoided', 'soft', 'qualitative']), ('side', 'benefit'), ('treatment', '')), _connector='OR'), name='value_line_category_of_its_side')],
                'triggers': [pgtrigger.compiler.Trigger(name='freeze_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM 1 FROM value_businesscase\n        WHERE state = 'approved' AND id IN (SELECT case_id FROM new_lines);\n    IF FOUND THEN\n        RAISE EXCEPTION 'The lines of an approved business case are frozen.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NULL;\n", hash='f7f04c77374ba094c6775dc652c7ca55d6199b0e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_freeze_insert_16b7e', referencing='REFERENCING NEW TABLE AS new_lines ', table='value_caseline', when='AFTER')), pgtrigger.compiler.Trigger(name='freeze_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM 1 FROM value_businesscase\n        WHERE state = 'approved' AND id IN (SELECT case_id FROM old_lines UNION ALL SELECT case_id FROM new_lines);\n    IF FOUND THEN\n        RAISE EXCEPTION 'The lines of an approved business case are frozen.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NULL;\n", hash='644ef2e929bf64ba28872bc424cb867d6df92f7d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_freeze_update_22461', referencing='REFERENCING OLD TABLE AS old_lines  NEW TABLE AS new_lines ', table='value_caseline', when='AFTER')), pgtrigger.compiler.Trigger(name='freeze_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM 1 FROM value_businesscase\n        WHERE state = 'approved' AND id IN (SELECT case_id FROM old_lines);\n    IF FOUND THEN\n        RAISE EXCEPTION 'The lines of an approved business case are frozen.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NULL;\n", hash='d260bfc9f527b15a1ecbef5e1fbcc943dee883d6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_freeze_delete_e8d2f', referencing='REFERENCING OLD TABLE AS old_lines ', table='value_caseline', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Kpi',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=300)),
                ('unit', models.CharField(blank=True, max_length=50)),
                ('direction', models.CharField(choices=[('higher', 'Higher is better'), ('lower', 'Lower is better')], max_length=6)),
                ('value_type', models.CharField(blank=True, choices=[('faster_decisions', 'Faster decisions'), ('customer_experience', 'Customer experience'), ('resource_allocation', 'Resource allocation'), ('product_quality', 'Product quality'), ('operational_efficiency', 'Operational efficiency'), ('revenue', 'Revenue'), ('risk', 'Risk')], max_length=30)),
                ('population', models.CharField(blank=True, max_length=300)),
                ('baseline', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('baseline_month', models.DateField(blank=True, null=True)),
                ('baseline_evidence', models.TextField(blank=True)),
                ('baseline_trend', models.DecimalField(blank=True, decimal_places=18, help_text='Change per month.', max_digits=38, null=True)),
                ('counterfactual', models.CharField(choices=[('baseline', 'The baseline stays'), ('trend', 'The baseline carries on its trend'), ('control', 'A control group')], default='baseline', max_length=10)),
                ('target', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('target_on', models.DateField(blank=True, null=True)),
                ('unit_value', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('attribution', models.DecimalField(decimal_places=6, default=1, help_text='Above 0, at most 1.', max_digits=7)),
                ('control_series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='controlled_kpis', to='readings.series')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kpis', to='initiatives.initiative')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kpis', to='readings.series')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'name'), name='value_kpi_name_once'), models.CheckConstraint(condition=models.Q(('attribution__gt', 0), ('attribution__lte', 1)), name='value_kpi_attribution'), models.CheckConstraint(condition=models.Q(models.Q(('baseline', None), ('baseline_month', None)), models.Q(('baseline__isnull', False), ('baseline_month__isnull', False)), _connector='OR'), name='value_kpi_baseline_with_month'), models.CheckConstraint(condition=models.Q(models.Q(('target', None), ('target_on', None)), models.Q(('target__isnull', False), ('target_on__isnull', False)), _connector='OR'), name='value_kpi_target_with_day'), models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('unit_value', None)), models.Q(('unit_value__gte', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='value_kpi_unit_value_with_currency'), models.CheckConstraint(condition=models.Q(models.Q(('counterfactual', 'trend'), _negated=True), ('baseline_trend__isnull', False), _connector='OR'), name='value_kpi_trend_has_slope'), models.CheckConstraint(condition=models.Q(models.Q(('counterfactual', 'control'), _negated=True), ('control_series__isnull', False), _connector='OR'), name='value_kpi_control_has_series')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='e5e7b3032845c29caecdace56099c8c21a0030f5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_cb97e', table='value_kpi', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='a95fb7a981dd8682a54762ff60b343f82f01cb6b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c8f68', table='value_kpi', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Benefit',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=300)),
                ('benefit_type', models.CharField(choices=[('hard', 'Hard: a budget line falls'), ('avoided', 'Avoided: spending that did not happen'), ('soft', 'Soft: quantified, neither hard nor avoided'), ('qualitative', 'Qualitative')], max_length=12)),
                ('value_type', models.CharField(choices=[('faster_decisions', 'Faster decisions'), ('customer_experience', 'Customer experience'), ('resource_allocation', 'Resource allocation'), ('product_quality', 'Product quality'), ('operational_efficiency', 'Operational efficiency'), ('revenue', 'Revenue'), ('risk', 'Risk')], max_length=30)),
                ('population', models.CharField(blank=True, max_length=300)),
                ('starts_month', models.DateField()),
                ('ends_month', models.DateField(help_text='Last month; from then on it is baseline.')),
                ('method', models.CharField(choices=[('randomised', 'Randomised trial'), ('control_group', 'Control group'), ('before_after', 'Before and after, with trend'), ('time_study', 'Time study'), ('expert_claim', 'Expert claim')], default='expert_claim', max_length=15)),
                ('formula', models.CharField(choices=[('kpi', 'KPI: change x unit value x attribution'), ('labour', 'Labour: uses x minutes x acceptance x capture x hourly rate')], default='kpi', max_length=10)),
                ('unit_value', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('attribution', models.DecimalField(decimal_places=6, default=1, max_digits=7)),
                ('minutes_saved', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                ('acceptance', models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True)),
                ('capture', models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='benefits', to='initiatives.initiative')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='benefits_owned', to=settings.AUTH_USER_MODEL)),
                ('kpi', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='benefits', to='value.kpi')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'name'), name='value_benefit_name_once'), models.CheckConstraint(condition=models.Q(('ends_month__day', 1), ('starts_month__day', 1), ('ends_month__gte', models.F('starts_month'))), name='value_benefit_months'), models.CheckConstraint(condition=models.Q(('attribution__gt', 0), ('attribution__lte', 1)), name='value_benefit_attribution'), models.CheckConstraint(condition=models.Q(models.Q(('acceptance', None), models.Q(('acceptance__gte', 0), ('acceptance__lte', 1)), _connector='OR'), models.Q(('capture', None), models.Q(('capture__gte', 0), ('capture__lte', 1)), _connector='OR')), name='value_benefit_shares'), models.CheckConstraint(condition=models.Q(models.Q(('formula', 'labour'), _negated=True), models.Q(('acceptance__isnull', False), ('capture__isnull', False), ('minutes_saved__isnull', False), ('unit_value__isnull', False)), _connector='OR'), name='value_benefit_labour_is_complete')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='a4b08d55940e59159d5463aad6f86ee3a83b0c82', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_24cbe', table='value_benefit', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3519773a6a607e63773c963dff5e1bbd77407015', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_d0142', table='value_benefit', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='BenefitMonth',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('claimed', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('claim_basis', models.TextField(blank=True, help_text='How the estimate was made.')),
                ('measured', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('measured_from', models.JSONField(blank=True, default=dict, help_text='The inputs of the measured amount, or the reason.')),
                ('review', models.CharField(blank=True, choices=[('', 'Not reviewed'), ('validated', 'Validated'), ('rejected', 'Rejected')], max_length=10)),
                ('validated', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('review_sentence', models.TextField(blank=True)),
                ('evidence_ref', models.CharField(blank=True, max_length=500)),
                ('banked', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('bank_ref', models.CharField(blank=True, help_text='Budget line or journal that holds it.', max_length=300)),
                ('benefit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='months', to='value.benefit')),
                ('claimant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='benefit_claims', to=settings.AUTH_USER_MODEL)),
                ('evidence', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='benefit_months', to='initiatives.initiative')),
                ('validator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='benefit_reviews', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['initiative', 'month'], name='value_month_initiative')],
                'constraints': [models.UniqueConstraint(fields=('benefit', 'month'), name='value_benefit_month_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='value_benefit_month_first_of_month'), models.CheckConstraint(condition=models.Q(models.Q(('claimant', None), ('claimed', None)), models.Q(('claimant__isnull', False), ('claimed__isnull', False)), _connector='OR'), name='value_month_claimed_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('review', ''), ('reviewed_at', None), ('validator', None)), models.Q(models.Q(('review', ''), _negated=True), ('reviewed_at__isnull', False), ('validator__isnull', False)), _connector='OR'), name='value_month_reviewed_who_and_when'), models.CheckConstraint(condition=models.Q(('validator', None), ('claimant', None), models.Q(('validator', models.F('claimant')), _negated=True), _connector='OR'), name='value_month_validator_is_not_claimant'), models.CheckConstraint(condition=models.Q(models.Q(('validated__isnull', True), models.Q(('review', 'validated'), _negated=True)), models.Q(('review', 'validated'), ('validated__isnull', False), models.Q(('evidence__isnull', False), models.Q(('evidence_ref', ''), _negated=True), _connector='OR')), _connector='OR'), name='value_month_validated_with_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('bank_ref', ''), ('banked', None)), models.Q(('banked__isnull', False), ('validated__isnull', False), models.Q(('bank_ref', ''), _negated=True)), _connector='OR'), name='value_month_banked_with_reference')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='544e4f7babf60019633de3754f651fb6da41c752', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_a6a47', table='value_benefitmonth', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3de502958aa70a77b6bc4468a187c7cc931ac16c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_67e23', table='value_benefitmonth', when='BEFORE'))],
            },
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['BusinessCase', 'CaseLine', 'Kpi', 'Benefit', 'BenefitMonth'],
        ),
    ]
