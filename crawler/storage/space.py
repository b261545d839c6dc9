"""How much space is left for the data folder."""

import shutil
from pathlib import Path
from typing import Final

from crawler.errors import DiskFullError, StoreError

_MB: Final = 1_000_000


def require_space(folder: Path, least_mb: float) -> None:
    """Make the folder where there is none, and return if that many megabytes are free there.

    Raises:
        DiskFullError: there are fewer.
        StoreError: the folder cannot be made or looked at.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free / _MB
    except OSError as error:
        raise StoreError(
            f"cannot use the folder {folder}: {error.strerror}; check its rights, or give --data-dir"
        ) from error
    if free_mb < least_mb:
        raise DiskFullError(
            f"{free_mb:.0f} MB are free for {folder}, and at least {least_mb:.0f} are needed; "
            "free some and start again, or set min_free_mb"
        )
