"""`pantau prune`: what is past its term leaves the archive."""

from crawler.cli.output import print_json, say
from crawler.cli.store import opened
from crawler.clock import Clock
from crawler.config import Config
from crawler.storage.places import archive_of
from crawler.storage.retention import Terms, prune, tidy


def prune_archive(
    config: Config, *, everything: bool = False, dry_run: bool = False, as_json: bool = False
) -> int:
    """Prune the archive, tidy the database, and print what went; return 1 where something had to be left.

    Raises:
        StoreError: the store or the disk fails, or another pruning or a backup is at work.
    """
    terms = Terms(days=config.archive_days, other_days=config.archive_other_days, everything=everything)
    with opened(config) as engine:
        now = Clock.starting_at(config.now).now()
        done = prune(engine, archive_of(config), terms, now=now, dry_run=dry_run)
        if not dry_run:
            tidy(engine)
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "records": dict(done.records),
                "bytes": done.bytes,
                "files_removed": done.files_removed,
                "files_rewritten": done.files_rewritten,
                "left": done.left,
            }
        )
        return int(bool(done.left))
    would = "would go" if dry_run else "went"
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(done.records.items()))
    say(f"{done.records.total()} records {would}{': ' if kinds else ''}{kinds}")
    say(f"{done.bytes} bytes; files: {done.files_removed} removed, {done.files_rewritten} rewritten")
    if not (terms.days or terms.other_days):
        say("no term is set: everything stays (`archive_days`, `archive_other_days`)")
    for each in done.left:
        say(f"LEFT  {each}")
    return int(bool(done.left))
