"""Errors of our own. Each message says in one line what is wrong and what to do next."""


class CrawlerError(Exception):
    """Base of every error that pantau raises on purpose; `str()` of it is shown to the user."""


class ConfigError(CrawlerError):
    """The configuration, an option or an argument cannot be used as it stands."""


class StoreError(CrawlerError):
    """The database or the archive cannot be used as it stands."""


class DiskFullError(StoreError):
    """No space is left, or less than a run needs."""


class StoreBusyError(StoreError):
    """Another program holds the database, and for longer than one waits."""
