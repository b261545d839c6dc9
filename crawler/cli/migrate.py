"""`pantau migrate`: the store's schema becomes the one that this pantau needs."""

from crawler.cli.output import print_json, say
from crawler.config import Config
from crawler.storage.database import connect, migrate, schema_revision


def migrate_store(config: Config, *, as_json: bool = False) -> int:
    """Migrate forward and print from which version to which.

    Raises:
        StoreError: the store cannot be opened or written, or a newer pantau made it.
    """
    engine = connect(config.database_url)
    try:
        before = schema_revision(engine)
        steps = migrate(engine)
        after = schema_revision(engine)
    finally:
        engine.dispose()
    if as_json:
        print_json({"from": before, "to": after, "steps": steps})
    elif steps:
        say(f"migrated from {before or 'empty'} to {after}")
    else:
        say(f"nothing to do: already at {after}")
    return 0
