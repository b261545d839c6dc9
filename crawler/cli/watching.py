"""The commands that tell how the watching goes: health, history, gaps. Part of `pantau`."""

# ruff: noqa: PLC0415 - as in crawler.cli.main: a command imports what it needs
# ruff: noqa: PLR0913, PLR0917, FBT002 - the parameters of a command are its options

from enum import StrEnum
from typing import Annotated

import typer

from crawler.cli.options import LARGEST, Json, OneOutlet, Since, Until, configured
from crawler.errors import ConfigError

app = typer.Typer()


class By(StrEnum):
    """What one cell of the coverage stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@app.command()
def status(
    context: typer.Context,
    outlets: Annotated[
        list[str] | None, typer.Argument(metavar="OUTLET", help="Default: all that are crawled.")
    ] = None,
    json: Json = False,
) -> int:
    """Tell how each outlet is, when it was last looked at, and what it brought."""
    from crawler.cli.status import show_status

    return show_status(configured(context), outlets or [], as_json=json)


@app.command()
def runs(
    context: typer.Context,
    run: Annotated[
        int | None, typer.Argument(metavar="ID", min=1, max=LARGEST, help="Only this run, in full.")
    ] = None,
    outlet: OneOutlet = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=LARGEST, help="At most so many.")] = 20,
    json: Json = False,
) -> int:
    """Show what crawls were made, and how each ended; with a number, all of one."""
    from crawler.cli.runs import show_run, show_runs

    config = configured(context)
    if run is not None:
        return show_run(config, run, as_json=json)
    return show_runs(config, outlet=outlet, since=since, limit=limit, as_json=json)


@app.command()
def gaps(
    context: typer.Context,
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
) -> int:
    """List the days that nobody looked at, why, and the command that fills them."""
    from crawler.cli.gaps import show_gaps

    return show_gaps(configured(context), outlet=outlet, since=since, until=until, as_json=json)


@app.command()
def coverage(
    context: typer.Context,
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[By, typer.Option(help="What one cell or line stands for.")] = By.DAY,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
) -> int:
    """Draw each outlet day by day: what was looked at, what was found, what may be lost."""
    from crawler.cli.coverage import As, show_coverage

    if json and csv:
        raise ConfigError("--json contradicts --csv; leave one out")
    form = As.JSON if json else As.CSV if csv else As.TABLE
    names = [outlet] if outlet else []
    return show_coverage(configured(context), names, since=since, until=until, by=by, form=form)


@app.command()
def stories(
    context: typer.Context,
    story: Annotated[
        str | None, typer.Argument(metavar="ID|URL", help="Only this story, with what each outlet changed.")
    ] = None,
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    least: Annotated[
        int, typer.Option(metavar="N", min=1, max=LARGEST, help="Of at least so many outlets.")
    ] = 2,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=LARGEST, help="At most so many.")] = 50,
    update: Annotated[bool, typer.Option("--update", help="Only bring them up to date.")] = False,
    json: Json = False,
) -> int:
    """Show what outlets copied from each other: who had it first, the lag, the share, the changes."""
    from crawler.cli.stories import show_stories, show_story, update_stories

    config = configured(context)
    if update:
        return update_stories(config, as_json=json)
    if story is not None:
        return show_story(config, story, as_json=json)
    return show_stories(
        config, outlet=outlet, since=since, until=until, least=least, limit=limit, as_json=json
    )


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65_535, help="Default: `serve_port`; 0: any.")
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Default: `serve_host`.")] = None,
) -> int:
    """Show the dashboard in the browser, until it is stopped."""
    from crawler.cli.serve import serve_dashboard

    return serve_dashboard(configured(context, serve_port=port, serve_host=host))
