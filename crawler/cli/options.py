"""What several commands share: options, and the configuration they make."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from crawler.config import Config

LARGEST = 2**31 - 1
"""The largest whole number that both databases keep in a column."""

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="First day, as in 2026-03-02.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Last day, as in 2026-03-02.")]
Outlets = Annotated[list[str] | None, typer.Argument(metavar="OUTLET", help="Default: all that are healthy.")]
ArticleLimit = Annotated[int | None, typer.Option(metavar="N", help="At most so many articles an outlet.")]
Site = Annotated[str | None, typer.Option(metavar="URL", help="The site, for the outlet `wordpress`.")]
OneOutlet = Annotated[str | None, typer.Option(metavar="NAME", help="Only this outlet.")]


def configured(context: typer.Context, **own: object) -> "Config":
    """Return the configuration in force, with the options given before the command and those of its own."""
    from crawler.config import load_config  # noqa: PLC0415 - `pantau --help` waits for nothing

    return load_config({**(context.obj or {}), **own})
