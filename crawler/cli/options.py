"""What several commands share: options, and the configuration they make."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from crawler.config import Config

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def configured(context: typer.Context) -> "Config":
    """Return the configuration in force, with the options given before the command."""
    from crawler.config import load_config  # noqa: PLC0415 - `pantau --help` waits for nothing

    return load_config(context.obj)
