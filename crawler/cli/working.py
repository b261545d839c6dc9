"""The command of the workers. Part of `pantau`."""

# ruff: noqa: PLC0415 - as in crawler.cli.main: a command imports what it needs
# ruff: noqa: PLR0913, PLR0917, FBT002 - the parameters of a command are its options

from typing import Annotated

import typer

from crawler.cli.options import Json, configured

app = typer.Typer()


@app.command()
def worker(
    context: typer.Context,
    outlet: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this outlet; may be given again.")
    ] = None,
    side_by_side: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=64, help="So many jobs at a time.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when there is nothing to do.")] = False,
    metrics_port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65_535, help="Show metrics there, on loopback; 0: no.")
    ] = 0,
    listed: Annotated[
        bool, typer.Option("--list", help="Show all workers, and how far re-extractions are.")
    ] = False,
    json: Json = False,
) -> int:
    """Do the crawls and re-extractions that the schedule defers, on this machine; needs PostgreSQL."""
    from crawler.cli.worker import show_workers, work

    # Not the port of the configuration: that is the service's, which may run on the same machine.
    config = configured(context, side_by_side=side_by_side, metrics_port=metrics_port)
    if listed:
        return show_workers(config, as_json=json)
    return work(config, outlet or [], once=once)
