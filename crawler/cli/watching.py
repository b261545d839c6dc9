"""The commands that tell how the watching goes: health, history, gaps. Part of `pantau`."""

# ruff: noqa: PLC0415 - as in crawler.cli.main: a command imports what it needs
# ruff: noqa: PLR0913, PLR0917, FBT002 - the parameters of a command are its options

from typing import Annotated

import typer

from crawler.cli.options import LARGEST, Json, OneOutlet, Since, Until, configured

app = typer.Typer()


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
