"""Runs migrations on the open connection that classroom-fer (or a developer's script) hands over.

Imports nothing from the package: a migration must go on meaning what it meant when it was released.
"""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("target_metadata"),
    render_as_batch=True,  # SQLite cannot alter columns in place
    transactional_ddl=True,  # SQLite can, and Alembic thinks it cannot
)
with context.begin_transaction():
    context.run_migrations()
