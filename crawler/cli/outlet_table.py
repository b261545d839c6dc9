"""The README's table of outlets, made of what their files declare and say of themselves."""

import inspect
import re
from pathlib import Path

from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.discovery.base import ArticleSpider
from crawler.errors import ConfigError
from crawler.storage import disk

BEGIN, END = "<!-- outlets: `make outlets-table` writes what follows -->", "<!-- end of outlets -->"
HEADINGS = ("outlet", "what it is", "site", "found by", "rendered", "crawled")


def markdown_table() -> list[str]:
    """Return the lines of a table of all outlets."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row_of, load_spiders().values())]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def put_into(document: Path, table: list[str]) -> None:
    """Replace what stands between the marks in a document by *table*.

    Raises:
        ConfigError: it has not both marks.
    """
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(f"{document} has no place for the table: put {BEGIN!r} and {END!r} into it")
    made = "\n".join([before + BEGIN, "", *table, "", END + after])
    if made != text:
        with disk.writing(document, document.stat().st_mode & 0o777) as file:
            file.write(made.encode())


def found_by(spider: type[ArticleSpider]) -> str:
    """Return in words by which kinds of lists an outlet's articles are found."""
    kinds = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(rung).__name__) for rung in spider.discovery]
    named = (kind.lower().replace("word press", "WordPress") for kind in dict.fromkeys(kinds))
    return ", ".join(named) or "the site given"


def is_rendered(spider: type[ArticleSpider]) -> bool:
    """Tell whether an outlet needs a browser."""
    return spider.render or any(getattr(rung, "awaits", None) for rung in spider.discovery)


def _row_of(spider: type[ArticleSpider]) -> tuple[str, ...]:
    what = (inspect.getdoc(inspect.getmodule(spider)) or "").partition("\n")[0]
    site = "any: `--url https://example.org`" if spider.name == ANY_SITE else _hosts(spider)
    crawled = f"no: in quarantine {spider.quarantine}" if spider.quarantine else "yes"
    return (
        f"`{spider.name}`",
        what.replace("``", "`").rstrip(".").partition(": `")[0],
        site,
        found_by(spider),
        "yes" if is_rendered(spider) else "no",
        "when it is named" if spider.name == ANY_SITE else crawled,
    )


def _hosts(spider: type[ArticleSpider]) -> str:
    return ", ".join(f"`{host}`" for host in spider.allowed_domains)
