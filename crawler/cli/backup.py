"""`pantau backup` and `pantau restore`: a copy of the whole collection, and the way back."""

from pathlib import Path

from crawler.cli.audit import print_report
from crawler.cli.doctor import installed_version
from crawler.cli.output import print_json, say
from crawler.cli.store import opened
from crawler.clock import Clock
from crawler.config import Config
from crawler.storage.backup import make_backup
from crawler.storage.places import archive_of
from crawler.storage.restore import restore

FOLDER = "backups"  # in the data folder, where none is given


def back_up(
    config: Config, to: Path | None, *, keep: int = 0, with_archive: bool = True, as_json: bool = False
) -> int:
    """Make a backup and print where it is; return 1 where the archive had lost something before, else 0.

    Raises:
        StoreError: no backup could be made.
    """
    with opened(config) as engine:
        made = make_backup(
            engine,
            archive_of(config),
            to or config.data_dir / FOLDER,
            version=installed_version(),
            now=Clock.starting_at(config.now).now(),
            keep=keep,
            with_archive=with_archive,
        )
    manifest = made.manifest
    size = manifest.database.bytes + sum(kept.bytes for kept in manifest.archive)
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "articles": manifest.articles,
                "revisions": manifest.revisions,
                "records": manifest.records,
                "bytes": size,
                "files_copied": made.copied,
                "files_linked": made.linked,
                "lost": manifest.lost,
                "archive_at": manifest.archive_at,
                "files_left_out": len(manifest.left_out),
            }
        )
    else:
        say(made.folder)
        say(f"{manifest.articles} articles, {manifest.records} archived responses, {size} bytes")
        if with_archive:
            say(f"archive files: {made.copied} copied, {made.linked} as in the backup before")
        else:
            number, size = len(manifest.left_out), sum(each.bytes for each in manifest.left_out)
            say(f"NOT COPIED: {number} archive files, {size} bytes, in {manifest.archive_at}")
        for each in manifest.lost:
            say(f"LOST  {each}; run `pantau audit`")
    return int(bool(manifest.lost))


def put_back(config: Config, source: Path, *, force: bool = False, as_json: bool = False) -> int:
    """Restore a backup and audit it; return 1 where the audit finds a fault or the backup lacks something.

    Raises:
        StoreError: nothing was restored, the message says why.
    """
    manifest, report = restore(
        source,
        config.database_url,
        archive_of(config),
        force=force,
        now=Clock.starting_at(config.now).now(),
    )
    if not as_json:
        say(f"restored {manifest.articles} articles as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; audit:")
    print_report(report, as_json=as_json)
    return int(not report.ok or bool(manifest.lost))
