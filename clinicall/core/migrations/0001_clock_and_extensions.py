from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

# The only clock of our SQL, and read after locks are taken: now() would stand still at the start of
# the transaction. Tests replace this function, and every connection sees it at once.
CLOCK = """
create or replace function clinic_now() returns timestamptz
language sql volatile as 'select clock_timestamp()'
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(CLOCK, "drop function clinic_now()"),
    ]
