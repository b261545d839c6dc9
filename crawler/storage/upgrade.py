"""Runs the migrations of `migrations/`, forward only, each inside a transaction given to it."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def pending_steps() -> list[str]:
    """Return the revisions of all migrations, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def take(connection: Connection, step: str, hold: Callable[[Connection], None]) -> bool:
    """Migrate to *step* if that is ahead; return whether it was. *hold* keeps other processes out."""
    hold(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current >= step:
        return False
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, step)
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
