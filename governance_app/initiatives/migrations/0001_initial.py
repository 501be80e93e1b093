"""The tables of initiatives."""

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
        ('jobs', '0001_initial'),
        ('people', '0001_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('slug', models.SlugField(max_length=30)),
                ('name', models.CharField(max_length=100)),
                ('position', models.PositiveSmallIntegerField()),
                ('time_box_days', models.PositiveIntegerField(blank=True, null=True)),
                ('can_skip', models.BooleanField(default=False)),
                ('is_final', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='7a07b9369951606864b104e7879cb82d1e0a15e7', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_9c8b4', table='initiatives_stage', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='b4bcc107949a656f99e1c3e16f91481c6a495e87', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_bd0c3', table='initiatives_stage', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ImportMapping',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('data', models.JSONField()),
                ('signature', models.CharField(max_length=64)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_mappings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['signature'], name='initiatives_mapping_shape')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='2cd9f0f63c098cc7d5c9403063eaf1efafd75366', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_d6251', table='initiatives_importmapping', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='2fe70643fe7ac42e1eecdb250d3d838d3d4e1222', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_430a9', table='initiatives_importmapping', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveIntegerField(help_text='142 of AI-142; orders the keys.', unique=True)),
                ('key', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('portfolio', 'Portfolio'), ('programme', 'Programme'), ('initiative', 'Initiative')], default='initiative', max_length=12)),
                ('reference', models.CharField(blank=True, help_text='Its id in another list.', max_length=200)),
                ('name', models.CharField(max_length=500)),
                ('purpose', models.TextField(blank=True)),
                ('status', models.CharField(blank=True, choices=[('on_track', 'On track'), ('at_risk', 'At risk'), ('off_track', 'Off track')], max_length=10)),
                ('status_sentence', models.TextField(blank=True)),
                ('status_on', models.DateField(blank=True, null=True)),
                ('planned_start_on', models.DateField(blank=True, null=True)),
                ('planned_end_on', models.DateField(blank=True, null=True)),
                ('started_on', models.DateField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('time_box_on', models.DateField(blank=True, help_text='The present stage should be over by this day.', null=True)),
                ('ai_type', models.CharField(blank=True, choices=[('generative', 'Generative AI'), ('agentic', 'AI agent'), ('predictive', 'Prediction and classification'), ('computer_vision', 'Computer vision'), ('language', 'Language processing'), ('speech', 'Speech'), ('recommendation', 'Recommendation and search'), ('optimisation', 'Optimisation and planning'), ('anomaly', 'Anomaly detection'), ('robotics', 'Robotics and control'), ('automation', 'Process automation'), ('other', 'Other')], max_length=20)),
                ('modality', models.CharField(blank=True, choices=[('text', 'Text'), ('image', 'Image'), ('audio', 'Audio'), ('video', 'Video'), ('tabular', 'Tables'), ('time_series', 'Time series'), ('geospatial', 'Geospatial'), ('code', 'Code'), ('multimodal', 'Several')], max_length=20)),
                ('deployment_target', models.CharField(blank=True, choices=[('cloud', 'Cloud'), ('on_premises', 'On premises'), ('edge', 'Edge'), ('hybrid', 'Hybrid')], max_length=20)),
                ('autonomy', models.CharField(blank=True, choices=[('informs', 'Informs a person'), ('recommends', 'Recommends, a person decides'), ('acts_supervised', 'Acts, a person can stop it'), ('acts_alone', 'Acts alone')], max_length=20)),
                ('data_classes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('public', 'Public'), ('internal', 'Internal'), ('confidential', 'Confidential'), ('personal', 'Personal data'), ('sensitive', 'Sensitive personal data'), ('health', 'Health data'), ('financial', 'Financial data'), ('biometric', 'Biometric data')], max_length=20), blank=True, null=True, size=None)),
                ('risk_flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('rights', "Affects people's rights"), ('safety', 'Affects safety'), ('high_risk', 'High risk'), ('prohibited', 'Prohibited practice')], max_length=20), blank=True, null=True, size=None)),
                ('vendor', models.CharField(blank=True, max_length=300)),
                ('sourcing', models.CharField(blank=True, choices=[('build', 'Built in-house'), ('buy', 'Bought or contracted'), ('both', 'Built and bought')], max_length=10)),
                ('expected_value', models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True)),
                ('expected_value_currency', models.CharField(blank=True, max_length=3)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('extra', models.JSONField(blank=True, default=dict)),
                ('business_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='business_owner_of', to=settings.AUTH_USER_MODEL)),
                ('node', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='initiative', to='people.scopenode')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='initiatives.initiative')),
                ('program_manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='program_manager_of', to=settings.AUTH_USER_MODEL)),
                ('risk_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='risk_owner_of', to=settings.AUTH_USER_MODEL)),
                ('sponsor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sponsor_of', to=settings.AUTH_USER_MODEL)),
                ('technical_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='technical_owner_of', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='people.scopenode')),
                ('stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='initiatives.stage')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['unit', 'stage'], name='initiatives_unit_stage'), models.Index(fields=['stage', 'status'], name='initiatives_stage_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('expected_value', None), ('expected_value_currency', '')), models.Q(('expected_value__isnull', False), models.Q(('expected_value_currency', ''), _negated=True)), _connector='OR'), name='initiatives_value_with_currency'), models.CheckConstraint(condition=models.Q(('expected_value', None), ('expected_value__gte', 0), _connector='OR'), name='initiatives_value_not_negative'), models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='initiatives_not_own_parent')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='5482d7a74f29652ff635d9def458b7f60758eb22', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ddba9', table='initiatives_initiative', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1766a81f88f85c4c9bc689e61fce7b60ad0df4df', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_87b22', table='initiatives_initiative', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Dependency',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='initiatives.initiative')),
                ('needs', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needed_by', to='initiatives.initiative')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'needs'), name='initiatives_dependency_once'), models.CheckConstraint(condition=models.Q(('initiative', models.F('needs')), _negated=True), name='initiatives_dependency_on_another')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='474dacadb198dfc545c8cdf49fde06488ab0998e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_e8fff', table='initiatives_dependency', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='c5539477058790b7183f46924255ea504ee341bd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_2639c', table='initiatives_dependency', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', models.TextField()),
                ('answers', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answered_by', to='initiatives.comment')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiative_comments', to=settings.AUTH_USER_MODEL)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='initiatives.initiative')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['initiative', '-created_at'], name='initiatives_comments')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='725eedde954f9028a1c5a4eb8f2f7600b53ff133', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_88205', table='initiatives_comment', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='f164776b5ef2daca9b7012e18ddfe9f36469fee6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_2d7c2', table='initiatives_comment', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='InventoryImport',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('file_name', models.CharField(max_length=255)),
                ('mapping', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('open', 'Open'), ('applied', 'Applied'), ('abandoned', 'Abandoned')], default='open', max_length=10)),
                ('survey', models.JSONField(default=dict)),
                ('report', models.JSONField(default=dict)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inventory_imports', to='files.storedfile')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inventory_imports', to='jobs.job')),
                ('saved_mapping', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='initiatives.importmapping')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inventory_imports', to=settings.AUTH_USER_MODEL)),
                ('under', models.ForeignKey(help_text='Units of the file are found or made below this node.', on_delete=django.db.models.deletion.PROTECT, related_name='inventory_imports', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('applied_at__isnull', False), ('state', 'applied')), models.Q(models.Q(('state', 'applied'), _negated=True), ('applied_at', None)), _connector='OR'), name='initiatives_import_applied_when')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('survey', 'report')", func='RETURN NULL;', hash='1058e37124871df266a08c0b2c9bf0855037e8ec', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_010fe', table='initiatives_inventoryimport', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='181237a3375ee41dc6508c61286a8f47007ed90f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_ba984', table='initiatives_inventoryimport', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key_digest', models.CharField(max_length=64)),
                ('occurrence', models.PositiveIntegerField(default=1)),
                ('key_values', models.JSONField()),
                ('row_hash', models.CharField(max_length=64)),
                ('raw', models.JSONField()),
                ('values', models.JSONField()),
                ('row_number', models.PositiveIntegerField()),
                ('initiative', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='imported_row', to='initiatives.initiative')),
                ('last_import', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_rows', to='initiatives.inventoryimport')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key_digest', 'occurrence'), name='initiatives_imported_key')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=300)),
                ('due_on', models.DateField()),
                ('done_on', models.DateField(blank=True, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='initiatives.initiative')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'name'), name='initiatives_milestone_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='790e89a0176f43e9167e597ba3b48e08b120c917', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_f7d1d', table='initiatives_milestone', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='96168d0a9d49b4e499a3d8736ac066c7da9860a7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_208b3', table='initiatives_milestone', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='StageDate',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('planned_on', models.DateField(blank=True, null=True)),
                ('planned_precision', models.CharField(choices=[('day', 'Day'), ('month', 'Month'), ('quarter', 'Quarter'), ('year', 'Year')], default='day', max_length=8)),
                ('actual_on', models.DateField(blank=True, null=True)),
                ('actual_precision', models.CharField(choices=[('day', 'Day'), ('month', 'Month'), ('quarter', 'Quarter'), ('year', 'Year')], default='day', max_length=8)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_dates', to='initiatives.initiative')),
                ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dates', to='initiatives.stage')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('initiative', 'stage'), name='initiatives_stage_date_once'), models.CheckConstraint(condition=models.Q(('planned_on__isnull', False), ('actual_on__isnull', False), _connector='OR'), name='initiatives_stage_date_has_one')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='d6b28bcc276f3362e8dbab72b1ee7080f7506b05', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_78bcb', table='initiatives_stagedate', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='d22db81029ec78fa17f787ec4597f254df7c19a1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_2990d', table='initiatives_stagedate', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='StageMove',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('on', models.DateField()),
                ('planned_on', models.DateField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('from_stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moves_out', to='initiatives.stage')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_moves', to='initiatives.initiative')),
                ('moved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_moves', to=settings.AUTH_USER_MODEL)),
                ('to_stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves_in', to='initiatives.stage')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['initiative', 'on'], name='initiatives_move_history')],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_stage', None), models.Q(('from_stage', models.F('to_stage')), _negated=True), _connector='OR'), name='initiatives_move_goes_somewhere')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ab68f9a120f79de6b60084971fcb04bbea943905', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_3208e', table='initiatives_stagemove', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1183cf3e1dd81c536097ca6ed5e5dd234e4e5246', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_d1c5f', table='initiatives_stagemove', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='StageTemplate',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('is_default', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='initiatives_one_default_template')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='93bc2e4bc611a30c4ab1057d90892091ef097700', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_a7b26', table='initiatives_stagetemplate', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='ff75af77b5fdaaf686ffe5bfe90c8f574cefcb4c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_ff026', table='initiatives_stagetemplate', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='stage',
            name='template',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='initiatives.stagetemplate'),
        ),
        migrations.CreateModel(
            name='StatusUpdate',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('status', models.CharField(choices=[('on_track', 'On track'), ('at_risk', 'At risk'), ('off_track', 'Off track')], max_length=10)),
                ('sentence', models.TextField()),
                ('on', models.DateField()),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_updates', to='initiatives.initiative')),
                ('posted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_updates', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['initiative', '-on'], name='initiatives_status_newest')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='ef21e06da015a7cce1faed315a58ed83499b108f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_01be1', table='initiatives_statusupdate', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='e8ee7cc29da4056527545a557ef4914d5d3c403c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_6cdef', table='initiatives_statusupdate', when='BEFORE'))],
            },
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.UniqueConstraint(fields=('template', 'slug'), name='initiatives_stage_slug'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.UniqueConstraint(fields=('template', 'position'), name='initiatives_stage_position'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Stage', 'ImportMapping', 'Initiative', 'Dependency', 'Comment', 'InventoryImport', 'Milestone', 'StageDate', 'StageMove', 'StageTemplate', 'StatusUpdate'],
        ),
    ]
