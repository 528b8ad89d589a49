"""Tells Alembic to run migrations on the connection at hand, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
