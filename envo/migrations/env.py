"""Alembic's entry: runs the revisions on the connection that the library hands over."""

from alembic import context

# SQLite rolls DDL back as it does the rest, so a migration that is killed leaves the library as it was.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
