"""The tables of inventory."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import governance_app.audit.installing
import governance_app.domain.ids
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('initiatives', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dataset',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('source', models.CharField(help_text='"manual" or "connection:<id>".', max_length=100)),
                ('name', models.CharField(max_length=500)),
                ('digest', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(blank=True, max_length=100)),
                ('location', models.TextField(blank=True)),
                ('schema', models.JSONField(blank=True, default=dict)),
                ('source_ref', models.CharField(blank=True, max_length=1000)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('source', 'name', 'digest'), name='inventory_dataset_once_per_source')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='93fece58961b95a6386090b41b635a364f0d9105', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_a0322', table='inventory_dataset', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='23385d2c246d1b8c0c31d0d895c05133f8541766', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_f424e', table='inventory_dataset', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ModelAsset',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('source', models.CharField(help_text='"manual" or "connection:<id>".', max_length=100)),
                ('name', models.CharField(max_length=500)),
                ('description', models.TextField(blank=True)),
                ('tags', models.JSONField(blank=True, default=dict)),
                ('former_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, size=None)),
                ('source_ref', models.CharField(blank=True, max_length=1000)),
                ('registered_at', models.DateTimeField(blank=True, null=True)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('renamed_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renamed_from', to='inventory.modelasset')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='eb266fdb78fc94c6d86129cea4127fd9e9a010ad', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_7a77a', table='inventory_modelasset', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='4143150ff0901fad6c75efc5e6dc6d29fa5c75c0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_d9f1d', table='inventory_modelasset', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ModelVersion',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(help_text='As the registry counts it.', max_length=100)),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), blank=True, default=list, size=None)),
                ('description', models.TextField(blank=True)),
                ('tags', models.JSONField(blank=True, default=dict)),
                ('metrics', models.JSONField(blank=True, default=dict)),
                ('params', models.JSONField(blank=True, default=dict)),
                ('run_ref', models.CharField(blank=True, max_length=200)),
                ('source_uri', models.CharField(blank=True, max_length=2000)),
                ('source_ref', models.CharField(blank=True, max_length=1000)),
                ('status', models.CharField(blank=True, max_length=50)),
                ('registered_at', models.DateTimeField(blank=True, null=True)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='inventory.modelasset')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('model', 'number'), name='inventory_version_once_per_model')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='9f450a78e64f774b169255c5a3e0f574339e5188', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_1265e', table='inventory_modelversion', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='8517c7885302f58da81e2fd81f0fc5afafde5890', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_4fa32', table='inventory_modelversion', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=300)),
                ('environment', models.CharField(choices=[('cloud', 'Cloud'), ('on_premises', 'On-premises'), ('edge', 'Edge')], max_length=12)),
                ('region', models.CharField(blank=True, max_length=100)),
                ('started_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='initiatives.initiative')),
                ('model_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='inventory.modelversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='inventory_deployment_ends_after_start')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='d46bc8ba2f00becfa48e8335b20decf2c6e0cbbb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_1f717', table='inventory_deployment', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='f8a2accf89e8961fcdd4fd47fd15b4fc04081252', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_31236', table='inventory_deployment', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Vendor',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('website', models.URLField(blank=True)),
                ('country', models.CharField(blank=True, help_text='ISO 3166 code.', max_length=2)),
                ('notes', models.TextField(blank=True)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='inventory_vendor_name_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='43d5c9ebbfd1503328885fbd9b9f5bd6aa0cf189', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_d2c19', table='inventory_vendor', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='5273f0adc859186474d622c32e4a61587559e890', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_51dd9', table='inventory_vendor', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='modelasset',
            name='vendor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='models', to='inventory.vendor'),
        ),
        migrations.CreateModel(
            name='DatasetLink',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('origin', models.CharField(choices=[('tag', 'a tag at the source'), ('person', 'a person')], max_length=10)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='inventory.dataset')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dataset_links', to='initiatives.initiative')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('dataset', 'initiative'), name='inventory_dataset_linked_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='bbf51ea584ab002d9f0203e55573d7b751d03ef6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_d9da3', table='inventory_datasetlink', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='457901e0651ace7d56480a8950955e04b72c122d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_7320a', table='inventory_datasetlink', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ModelLink',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('origin', models.CharField(choices=[('tag', 'a tag at the source'), ('person', 'a person')], max_length=10)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='model_links', to='initiatives.initiative')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='inventory.modelasset')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('model', 'initiative'), name='inventory_model_linked_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='f7da7de02ed9ffc64005ae6002e945df86072c45', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_64a2d', table='inventory_modellink', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='063d3c6ffccfae8be6c70a9043595628390f31d9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c71ab', table='inventory_modellink', when='BEFORE'))],
            },
        ),
        migrations.AddConstraint(
            model_name='modelasset',
            constraint=models.UniqueConstraint(fields=('source', 'name'), name='inventory_model_once_per_source'),
        ),
        governance_app.audit.installing.InstallTriggers(
            models=['Dataset', 'ModelAsset', 'ModelVersion', 'Deployment', 'Vendor', 'DatasetLink', 'ModelLink'],
        ),
    ]
