"""The command `pantau`: names, options and help of every command; each maps to one call of this package."""

# ruff: noqa: PLC0415 - each command imports what it needs: `pantau --help` waits for neither Scrapy nor SQLAlchemy
# ruff: noqa: PLR0913, PLR0917, FBT002 - the parameters of a command are its options

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from crawler.cli import handing_on, upkeep, watching, working
from crawler.cli.options import (
    LARGEST,
    ArticleLimit,
    Json,
    OneOutlet,
    Outlets,
    Since,
    Site,
    Until,
    configured,
)
from crawler.cli.output import complain, discard, prepare_logging, prepare_streams, say
from crawler.errors import CrawlerError

GLOBAL_OPTIONS = ("--data-dir", "--database", "--log-level", "--version")
UNHEALTHY = 1
WRONG_USE = 2


class OneLineErrors(TyperGroup):
    """The command group: what a command returns is the exit status, and what it raises is one line.

    0 everything was looked at · 1 something is not healthy · 2 wrong use.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002, FBT001 - the signature is Typer's
        windows_expand_args: bool = True,  # noqa: FBT001
        **extra: Any,  # noqa: ANN401
    ) -> NoReturn:
        """Run a command and end the process with its status."""
        prepare_streams()
        status = WRONG_USE
        try:
            status = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra) or 0  # noqa: FBT003
            sys.stdout.flush()
        except CrawlerError as error:
            complain(error)
        except typer.TyperException as error:
            complain(_usage(error))
        except BrokenPipeError:
            discard(sys.stdout)
            status = UNHEALTHY
        except OSError as error:
            complain(f"{error.filename or 'cannot write'}: {error.strerror or error}")
        sys.exit(status)


def _usage(error: typer.TyperException) -> str:
    """Return what was wrong with the arguments, and where help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "pantau"
    option = getattr(error, "option_name", None)
    if context and context.parent and option in GLOBAL_OPTIONS:
        return f"{option} goes before the command: `pantau {option} … {context.info_name}`"
    return f"{error.format_message().rstrip('.')}; see `{command} --help`"


app = typer.Typer(
    cls=OneLineErrors,
    help="Watch Indonesian news outlets for coverage of relations between Russia and North Korea.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line and end the process with its status."""
    app(prog_name="pantau")
    raise AssertionError("the command group always exits")


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class ScheduleAction(StrEnum):
    """What is asked of the schedule."""

    LIST = "list"
    PAUSE = "pause"
    RESUME = "resume"
    RUN_NOW = "run-now"


ShowRemoved = Annotated[bool, typer.Option("--removed", help="Show what was cut, and by which rule.")]


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of database, archive and logs.")
    ] = None,
    database: Annotated[str | None, typer.Option(metavar="URL", help="The store's address.")] = None,
    log_level: Annotated[
        LogLevel | None, typer.Option(case_sensitive=False, help="How much is logged.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> int:
    """Note the options that hold for every command."""
    if version:
        from crawler.cli.doctor import installed_version

        say(f"pantau {installed_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        return WRONG_USE
    prepare_logging(log_level and log_level.value)
    context.obj = {"data_dir": data_dir, "database": database, "log_level": log_level and log_level.value}
    return 0


@app.command()
def crawl(
    context: typer.Context,
    outlets: Outlets = None,
    since: Since = None,
    until: Until = None,
    limit: ArticleLimit = None,
    url: Site = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be fetched; store nothing.")
    ] = False,
    json: Json = False,
) -> int:
    """Crawl outlets now, several side by side, and say what was found."""
    from crawler.cli.crawl import crawl_outlets, plan_crawls

    config = configured(context)
    crawls = plan_crawls(
        config, outlets or [], since=since, until=until, limit=limit, url=url, dry_run=dry_run
    )
    return crawl_outlets(config, crawls, as_json=json)


@app.command()
def schedule(
    context: typer.Context,
    action: Annotated[
        ScheduleAction | None, typer.Argument(help="Without: run the service until it is stopped.")
    ] = None,
    outlet: Annotated[
        str | None, typer.Argument(metavar="OUTLET", help="For pause, resume, run-now.")
    ] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is paused.")] = None,
    json: Json = False,
) -> int:
    """Crawl every outlet at its time: the background service, and what it has planned."""
    from crawler.cli.schedule import act

    return act(configured(context), action and action.value, outlet, why=why, as_json=json)


@app.command()
def recheck(
    context: typer.Context,
    outlets: Outlets = None,
    limit: ArticleLimit = None,
    url: Site = None,
    json: Json = False,
) -> int:
    """Look again at the stored articles that are due, for edits and deletions; ask no list."""
    from crawler.cli.crawl import crawl_outlets, plan_crawls

    config = configured(context)
    crawls = plan_crawls(config, outlets or [], limit=limit, url=url, recheck=True)
    return crawl_outlets(config, crawls, as_json=json)


@app.command()
def extract(
    context: typer.Context,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="HTML pages or page texts; - reads input.")
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Address of the page (of one file).")] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Read as this outlet's pages.")] = None,
    pages: Annotated[
        str | None, typer.Option("--list", metavar="PAGES.tsv", help="A path, a tab and an address a line.")
    ] = None,
    removed: ShowRemoved = False,
    json: Json = False,
) -> int:
    """Read HTML pages or page-text files into clean articles; no store, no network."""
    from crawler.cli.extract import extract_files, pages_to_read

    saved = pages_to_read(files or [], url=url, listed_in=pages)
    configured(context)  # refuses a broken configuration; extraction itself takes nothing from it
    return extract_files(saved, outlet=outlet, as_json=json, show_removed=removed)


@app.command()
def relevance(
    context: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE.jsonl", help="Lines with id, headline, body; - reads input.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="The topic; default: those configured.")
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Judge the stored articles anew, as a changed topic asks for.")
    ] = False,
    json: Json = False,
) -> int:
    """Judge whether articles are on the topics, with score and evidence."""
    from crawler.cli.relevance import judge_articles

    return judge_articles(configured(context), file, topic=topic, store=store, as_json=json)


@app.command()
def explain(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of an article.")],
    json: Json = False,
) -> int:
    """Tell all that is known of an address: who listed it, what became of it, and why."""
    from crawler.cli.inspect import explain_url

    return explain_url(configured(context), url, as_json=json)


@app.command()
def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="The number or address of a stored article.")],
    removed: ShowRemoved = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changed between revisions.")] = False,
    revision: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=LARGEST, help="This revision; with --diff: its changes."),
    ] = None,
    json: Json = False,
) -> int:
    """Show a stored article and where each of its fields comes from, or what changed in it."""
    from crawler.cli.inspect import show_changes, show_stored

    if diff:
        return show_changes(configured(context), article, revision=revision, as_json=json)
    return show_stored(configured(context), article, revision=revision, show_removed=removed, as_json=json)


@app.command()
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="All of them must occur.")],
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="At most so many.")] = 20,
    json: Json = False,
) -> int:
    """Search the stored articles' words."""
    from crawler.cli.inspect import search_words

    return search_words(
        configured(context),
        " ".join(words),
        outlet=outlet,
        since=since,
        until=until,
        limit=limit,
        as_json=json,
    )


@app.command()
def replay(
    context: typer.Context,
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also pages that gave no article: off the topic, refused.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changes in each field.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Store what changes, as the rules' revisions.")
    ] = False,
    defer: Annotated[
        bool,
        typer.Option("--defer", help="With --write: plan it, in parts, for the service and its workers."),
    ] = False,
    json: Json = False,
) -> int:
    """Read the archived pages again by the present rules, without a network; say what changes."""
    from crawler.cli.replay import Wanted, replay_archive

    wanted = Wanted(outlet=outlet, since=since, until=until, everything=everything, diff=diff, write=write)
    if defer:
        from crawler.cli.defer import defer_replay

        return defer_replay(configured(context), wanted, as_json=json)
    return replay_archive(configured(context), wanted, as_json=json)


@app.command()
def outlets(
    context: typer.Context,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the README's table.")] = False,
    into: Annotated[
        Path | None, typer.Option(help="Put that table into this document, in place of the one there.")
    ] = None,
    json: Json = False,
) -> int:
    """List the outlets: hosts, health, how articles are found, pause between requests."""
    from crawler.cli.outlets import list_outlets

    return list_outlets(configured(context), markdown=markdown, into=into, as_json=json)


app.add_typer(handing_on.app)
app.add_typer(watching.app)
app.add_typer(upkeep.app)
app.add_typer(working.app)

if __name__ == "__main__":
    main()
