"""The commands that hand articles on: exports, bundles, the check of a bundle. Part of `pantau`."""

# ruff: noqa: PLC0415 - as in crawler.cli.main: a command imports what it needs
# ruff: noqa: PLR0913, PLR0917, FBT002 - the parameters of a command are its options

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.options import Json, OneOutlet, Since, Until, configured
from crawler.exports.formats import Form

app = typer.Typer()


@app.command()
def export(
    context: typer.Context,
    form: Annotated[Form, typer.Option("--format", help="What to write.")],
    outlet: OneOutlet = None,
    since: Since = None,
    until: Until = None,
    topic: Annotated[
        str | None, typer.Option(metavar="NAME", help="Default: those of the configuration; all: whatever.")
    ] = None,
    story: Annotated[
        str | None, typer.Option(metavar="ID|URL", help="Only articles of this story, or of an article's.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every stored article, on the topics or not.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A file, for txt a folder; default: standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="csv: leave what looks like a formula.")] = False,
    newest: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=10_000, help="atom: at most so many; default: 100.")
    ] = None,
) -> int:
    """Write the stored articles to a file, with a statement of what they cover."""
    from crawler.cli.export import Order, export_articles

    order = Order(
        form=form,
        outlet=outlet,
        since=since,
        until=until,
        topic=topic,
        story=story,
        everything=everything,
        output=output,
        force=force,
        raw=raw,
        newest=newest,
    )
    return export_articles(configured(context), order)


@app.command()
def bundle(
    context: typer.Context,
    articles: Annotated[
        list[str], typer.Argument(metavar="ID|URL", help="Numbers or addresses of stored articles.")
    ],
    output: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where it is written.")],
    revisions: Annotated[bool, typer.Option("--revisions", help="Also what they were before.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier file.")] = False,
    json: Json = False,
) -> int:
    """Pack articles with all that proves them: pages as archived, texts, witnesses, hashes."""
    from crawler.cli.bundle import bundle_articles

    config = configured(context)
    return bundle_articles(config, articles, output, revisions=revisions, force=force, as_json=json)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `pantau bundle` wrote.")],
    json: Json = False,
) -> int:
    """Check a bundle: every byte, every hash, every record; no store, no network."""
    from crawler.cli.bundle import verify_file

    return verify_file(file, as_json=json)
