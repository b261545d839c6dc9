"""The commands of upkeep: what checks, copies, prunes and measures the store. Part of `pantau`."""

# ruff: noqa: PLC0415 - as in crawler.cli.main: a command imports what it needs
# ruff: noqa: FBT002 - the parameters of a command are its options

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.options import Json, configured
from crawler.errors import ConfigError

app = typer.Typer()


class AlertsAction(StrEnum):
    """What is asked about alerts."""

    LIST = "list"
    TEST = "test"
    SEND = "send"
    WATCH = "watch"
    SHOW = "show"
    RETRY = "retry"
    DROP = "drop"
    ATTEND = "attend"  # what the service starts


@app.command()
def alerts(
    context: typer.Context,
    action: Annotated[
        AlertsAction | None, typer.Argument(help="Without: list the rules and what waits.")
    ] = None,
    which: Annotated[
        str | None,
        typer.Argument(metavar="NAME|NUMBER", help="A rule for test; a delivery for show, retry, drop."),
    ] = None,
    json: Json = False,
) -> int:
    """Tell who is told of what, send what waits, and look after the schedule."""
    from crawler.cli.alerts import act

    return act(configured(context), action and action.value, which, as_json=json)


@app.command()
def audit(context: typer.Context, json: Json = False) -> int:
    """Check that store, archive and accounts agree."""
    from crawler.cli.audit import audit_store

    return audit_store(configured(context), as_json=json)


@app.command()
def doctor(context: typer.Context, json: Json = False) -> int:
    """Check this machine; each finding comes with the next step."""
    from crawler.cli.doctor import examine

    return examine(configured(context), as_json=json)


@app.command()
def migrate(context: typer.Context, json: Json = False) -> int:
    """Bring the store to the version that this pantau needs."""
    from crawler.cli.migrate import migrate_store

    return migrate_store(configured(context), as_json=json)


@app.command()
def move(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="An empty database; a password by PGPASSWORD.")
    ] = None,
    archive: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Copy the archive to a folder or s3://BUCKET/PREFIX.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Use this store again although it was moved.")] = False,
    json: Json = False,
) -> int:
    """Move the store to another database, SQLite to PostgreSQL or back; or the archive elsewhere."""
    from crawler.cli.move import move as move_away
    from crawler.cli.move import move_archive

    if archive is not None:
        if to is not None or undo:
            raise ConfigError("--archive stands alone; move the store by a command of its own")
        return move_archive(configured(context), archive, as_json=json)
    return move_away(configured(context), to, undo=undo, as_json=json)


@app.command()
def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of backups; default: in the data folder.")
    ] = None,
    keep: Annotated[int, typer.Option(metavar="N", min=0, help="Drop all but the newest N; 0: none.")] = 0,
    without_archive: Annotated[
        bool,
        typer.Option("--without-archive", help="Only name the archive's files."),
    ] = False,
    json: Json = False,
) -> int:
    """Copy database and archive as of this moment, while crawls go on."""
    from crawler.cli.backup import back_up

    return back_up(configured(context), to, keep=keep, with_archive=not without_archive, as_json=json)


@app.command()
def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FROM", help="The folder that `pantau backup` named.")],
    force: Annotated[bool, typer.Option("--force", help="Move aside what is in the way.")] = False,
    json: Json = False,
) -> int:
    """Verify a backup, put it back and audit it."""
    from crawler.cli.backup import put_back

    return put_back(configured(context), source, force=force, as_json=json)


@app.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="Also the pages of articles as they are now.")
    ] = False,
    json: Json = False,
) -> int:
    """Take out of the archive what is past its term."""
    from crawler.cli.prune import prune_archive

    return prune_archive(configured(context), everything=everything, dry_run=dry_run, as_json=json)


@app.command()
def metrics(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file, replaced whole; default: standard output.")
    ] = None,
    json: Json = False,
) -> int:
    """Show the store's figures in Prometheus' text format."""
    from crawler.cli.metrics import show_metrics

    return show_metrics(configured(context), to, as_json=json)
