"""Saved views, changes of many cells, follows and mentions, the log, templates and intake."""

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
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dependency',
            name='delivered_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='dependency',
            name='needed_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='CommentFile',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=255)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='initiatives.comment')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comment_files', to='files.storedfile')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='e670087dac22c21eb7bb52b0a50df85d879f7a00', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_82757', table='initiatives_commentfile', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='e6b1446620c1691a939f3d509cc9bbd244b55e6d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_a3af4', table='initiatives_commentfile', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to='initiatives.initiative')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='77411dec0711c1bc39ce3c12a43e17ae9167dd32', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_caf36', table='initiatives_follow', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='1475cf63d8835b5394f901f4cdec31c0fbcc2279', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_828cb', table='initiatives_follow', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='InitiativeTemplate',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('about', models.TextField(blank=True)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('milestones', models.JSONField(blank=True, default=list)),
                ('log', models.JSONField(blank=True, default=list)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiative_templates', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='b587ed47c18bf6263d61079f5309d9093319efe0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_2c1a0', table='initiatives_initiativetemplate', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='e0766fae5dbdc192e262a2054ba3d84c46c62b7f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_6eaae', table='initiatives_initiativetemplate', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='IntakeLink',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('expires_on', models.DateField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intake_links', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intake_links', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('token_digest')", func='RETURN NULL;', hash='82619049c931541f02cf9bbf0ff1f8ea7ba7dde2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_b7550', table='initiatives_intakelink', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='d3916356b21e9c75fdada0f0d5f93ad6e605ab90', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_6c1bb', table='initiatives_intakelink', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='IntakeRequest',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('proposer_name', models.CharField(max_length=200)),
                ('proposer_email', models.EmailField(blank=True, max_length=254)),
                ('name', models.CharField(max_length=500)),
                ('purpose', models.TextField()),
                ('benefit', models.TextField(blank=True)),
                ('vendor', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('taken_up', 'Taken up'), ('joined', 'Joined to another'), ('declined', 'Declined')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='intake_decided', to=settings.AUTH_USER_MODEL)),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='intake_requests', to='initiatives.initiative')),
                ('link', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='initiatives.intakelink')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='intake_requests', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intake_requests', to='people.scopenode')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='a724f18c826e97c67728c81ade23647c63a0c4b3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_dc580', table='initiatives_intakerequest', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='cf77306f74a7a2c19ad1df3d80e52741163826c7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_c5853', table='initiatives_intakerequest', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='LogEntry',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('assumption', 'Assumption'), ('issue', 'Issue')], max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('detail', models.TextField(blank=True)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('outcome', models.TextField(blank=True, help_text='How it ended; said when it is closed.')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='log', to='initiatives.initiative')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='log_entries', to=settings.AUTH_USER_MODEL)),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='log_raised', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='c9bbcd3a2c7588027a666b3d0b7cc605255e91f7', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_30eac', table='initiatives_logentry', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='2acfc91b7e4caf1d1d9d0d471d0a52857e84228a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_40d4c', table='initiatives_logentry', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('sentence', models.TextField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentions_made', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='initiatives.comment')),
                ('dependency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='initiatives.dependency')),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='initiatives.logentry')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='initiatives.initiative')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='2377160016136a0f1f65044aff3e094a0d90ebc2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_0602c', table='initiatives_mention', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='09c672846a73bcbdc8fc1e38006bec5c2a7904db', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_caf21', table='initiatives_mention', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=80)),
                ('query', models.TextField(blank=True, help_text='The address behind the question mark.')),
                ('is_shared', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='8a268801845ffe564b4ce7a2fff2fd1f364adb81', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_c4571', table='initiatives_savedview', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='e5997b1b81965bbf0562e2b0f35e6d4db4e6d42d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_0bb84', table='initiatives_savedview', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TableChange',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('sentence', models.CharField(max_length=300)),
                ('cells', models.JSONField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='table_changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='eafce1096e2483ef8a68ac591d95e196678524d8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_e956f', table='initiatives_tablechange', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='91196471fc775d7797e0c6e0fe65530aa4b5736e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_e970e', table='initiatives_tablechange', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ViewPin',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='view_pins', to=settings.AUTH_USER_MODEL)),
                ('view', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='initiatives.savedview')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.capture()', func='RETURN NULL;', hash='63681fcb667048390039b5ea68154788cccb633f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_ebde2', table='initiatives_viewpin', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='3d582b51ce030bd452dd34bc0b0b9bd46e2fb64f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_37d04', table='initiatives_viewpin', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='WorkbookReturn',
            fields=[
                ('id', models.UUIDField(default=governance_app.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('file_name', models.CharField(max_length=255)),
                ('rows', models.JSONField(help_text='Row number, key, version, base and cells, as read.')),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('change', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='workbook_returns', to='initiatives.tablechange')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='workbook_returns', to='files.storedfile')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='workbook_returns', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='capture', sql=pgtrigger.compiler.UpsertTriggerSql(execute="ledger.capture('rows')", func='RETURN NULL;', hash='e16f6a3654bb0302a3db0c859358bd5f8e5088b5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_capture_f8b12', table='initiatives_workbookreturn', when='AFTER')), pgtrigger.compiler.Trigger(name='guard_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(execute='ledger.refuse_truncate()', func='RETURN NULL;', hash='59ae49a66d7f3757aceef1621b0e008d5bc66b91', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_guard_truncate_12f66', table='initiatives_workbookreturn', when='BEFORE'))],
            },
        ),
        migrations.AddConstraint(
            model_name='follow',
            constraint=models.UniqueConstraint(fields=('initiative', 'person'), name='initiatives_follow_once'),
        ),
        migrations.AddIndex(
            model_name='intakerequest',
            index=models.Index(fields=['unit', 'state'], name='initiatives_intake'),
        ),
        migrations.AddConstraint(
            model_name='intakerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='initiatives_intake_decided_who_when'),
        ),
        migrations.AddConstraint(
            model_name='intakerequest',
            constraint=models.CheckConstraint(condition=models.Q(('link__isnull', False), ('person__isnull', False), _connector='OR'), name='initiatives_intake_from_somebody'),
        ),
        migrations.AddIndex(
            model_name='logentry',
            index=models.Index(fields=['initiative', 'kind'], name='initiatives_log'),
        ),
        migrations.AddConstraint(
            model_name='logentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('outcome', '')), models.Q(('closed_on__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='initiatives_log_closed_with_outcome'),
        ),
        migrations.AddIndex(
            model_name='mention',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['person', 'created_at'], name='initiatives_mentions_open'),
        ),
        migrations.AddConstraint(
            model_name='mention',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('dependency', None), ('entry', None)), models.Q(('comment', None), ('dependency__isnull', False), ('entry', None)), models.Q(('comment', None), ('dependency', None), ('entry__isnull', False)), _connector='OR'), name='initiatives_mention_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('owner', 'name'), name='initiatives_view_name_once'),
        ),
        migrations.AddIndex(
            model_name='tablechange',
            index=models.Index(fields=['made_by', '-created_at'], name='initiatives_changes'),
        ),
        migrations.AddConstraint(
            model_name='viewpin',
            constraint=models.UniqueConstraint(fields=('view', 'person'), name='initiatives_view_pin_once'),
        ),
        governance_app.audit.installing.InstallTriggers(models=['commentfile', 'follow', 'initiativetemplate', 'intakelink', 'intakerequest', 'logentry', 'mention', 'savedview', 'tablechange', 'viewpin', 'workbookreturn']),
    ]
