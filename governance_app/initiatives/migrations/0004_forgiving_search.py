"""Let the database compare spellings: the extension pg_trgm where the server has it."""

from django.db import DatabaseError, migrations, transaction


def install(apps, schema_editor):
    """
    Create the extension and its index, or go without.

    A database whose owner may not create it keeps working: search then finds exact spellings
    only, and says so.
    """
    connection = schema_editor.connection
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS initiatives_name_spelling"
                " ON initiatives_initiative USING gin (name gin_trgm_ops)"
            )
    except DatabaseError as error:
        print(f" search without pg_trgm: {str(error).splitlines()[0]}", end="")


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0003_explorer_and_week")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
