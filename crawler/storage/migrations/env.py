"""Entry of Alembic: runs migrations on the connection and in the transaction of `crawler.storage.upgrade`."""

from alembic import context

from crawler.storage.schema_analysis import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
