"""Writes an outlet's file: from a template, or as a look at its site proposes."""

import keyword
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

import attrs

from crawler.authoring.addressed import address_of
from crawler.authoring.findings import Look
from crawler.authoring.source import ladder, ladder_imports, ladder_source, literal, named
from crawler.config import nearest
from crawler.discovery.feed import Feed
from crawler.discovery.pages import DatedIndex, NewestPages, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.errors import ConfigError
from crawler.pages.site import site_of
from crawler.urls import host_of

PROBED = "probed"
FILL_IN = "FILL IN"
_TEMPLATES = files("crawler") / "templates" / "spiders"
_NAME = re.compile(r"[a-z][a-z0-9]*")
_CALLED = {
    Sitemap: "the sitemap",
    Feed: "the feed",
    DatedIndex: "the dated index",
    NewestPages: "the pages of the newest",
    Search: "search by keyword",
    TagPages: "the topic's tags",
}
_TAB = "    "
_MAX_SELECTORS = 2


@attrs.frozen
class NewOutlet:
    """The name of an outlet that is to be, and where its site is."""

    name: str
    site: str
    domain: str

    @property
    def classname(self) -> str:
        """What its classes begin with."""
        return self.name.capitalize()


def templates() -> list[str]:
    """Return the names of the templates, those of ladders with one kind of rung."""
    found = [Path(each.name).stem for each in _TEMPLATES.iterdir() if each.name.endswith(".tmpl")]
    return sorted(name for name in found if name != PROBED)


def template_text(name: str) -> str:
    """Return a template as it stands.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in [*templates(), PROBED]:
        hint = nearest(name, templates()) or f"; there are {', '.join(templates())}"
        raise ConfigError(f"unknown template {name!r}{hint}")
    return (_TEMPLATES / f"{name}.tmpl").read_text(encoding="utf-8")


def new_outlet(name: str, given: str) -> NewOutlet:
    """Return the outlet of that name at a domain or an address.

    Raises:
        ConfigError: the name is not one lower-case word.
        UrlError: the address is none.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot be an outlet's name: take one lower-case word, as kontan, none of Python's"
        )
    url = address_of(given)
    host = host_of(url)
    return NewOutlet(name, f"{url.partition('://')[0]}://{host}", site_of(host))


def declaration(outlet: NewOutlet, template: str) -> str:
    """Return the outlet's file from a template; what is left to its author is marked FILL IN.

    Raises:
        ConfigError: there is no template of that name.
    """
    return Template(template_text(template)).substitute(
        name=outlet.name,
        classname=outlet.classname,
        domain=outlet.domain,
        domain_pattern=re.escape(outlet.domain),
        site=outlet.site,
    )


def proposed_declaration(outlet: NewOutlet, look: Look, *, browser_shaped: bool = False) -> str:
    """Return the outlet's file with the ladder, pattern and selectors that a look proposes."""
    page, base = _page(outlet, look)
    imports = {
        "from crawler.discovery.base import ArticleSpider",
        "from crawler.items import Expect",
        f"from crawler.pages.{'wordpress' if look.wordpress else 'article'} import {base}",
        *ladder_imports(look),
    }
    lines = [
        f"class {outlet.classname}Spider(ArticleSpider):",
        *(f"{_TAB}{line}" for line in _spider(outlet, look, page, base, shaped=browser_shaped)),
    ]
    text = Template(template_text(PROBED)).substitute(
        classname=outlet.classname,
        discovered=discovered(look),
        imports="\n".join(sorted(imports)),
        declared="\n".join([*([*page, "", ""] if page else []), *lines]),
    )
    return (
        text
        if not look.wordpress
        else text.replace("import wordpress_ladder", "import ARTICLE_PATTERN, wordpress_ladder")
    )


def discovered(look: Look) -> str:
    """Return in words how articles are found: `the feed, the dated index and search by keyword`."""
    if look.wordpress:
        return "as any WordPress site"
    *others, last = [_CALLED[type(rung)] for rung in ladder(look)] or [f"{FILL_IN}, none was found"]
    return f"{', '.join(others)} and {last}" if others else last


def _page(outlet: NewOutlet, look: Look) -> tuple[list[str], str]:
    """Return the outlet's page class as lines, none where the common one will do, and that one's name."""
    base = "WordPressPage" if look.wordpress else "ArticlePage"
    if look.wordpress and not look.body_css:
        return [], base
    body = [
        "body_css = "
        + _tuple(look.body_css[:_MAX_SELECTORS], rest="*WordPressPage.body_css" if look.wordpress else "")
    ]
    if not look.body_css:
        body = [f"# {FILL_IN}: what holds the text", 'body_css = (".fill-in",)']
    if look.whole_query:
        body.append(f"whole_query = {literal(look.whole_query)}")
    return [f"class {outlet.classname}Page({base}):", *(f"{_TAB}{line}" for line in body)], base


def _tuple(selectors: Sequence[str], rest: str) -> str:
    inside = [literal(selector) for selector in selectors] + ([rest] if rest else [])
    return f"({', '.join(inside)}{',' if len(inside) == 1 else ''})"


def _spider(outlet: NewOutlet, look: Look, page: Sequence[str], base: str, *, shaped: bool) -> list[str]:
    pattern = look.pattern or rf"https?://{re.escape(outlet.domain)}/FILL-IN/[^/?#]+$"
    sample = look.sample or f"{outlet.site}/FILL-IN/article"
    return [
        f"name = {literal(outlet.name)}",
        f'allowed_domains = ["{outlet.domain}"]',
        *(["article_pattern = ARTICLE_PATTERN"] if look.wordpress else named("article_pattern", pattern)),
        f"page_class = {f'{outlet.classname}Page' if page else base}",
        *(["browser_shaped = True"] if shaped else []),
        'expect = Expect(coverage={"published_at": 0.95})',
        *named("sample_url", sample),
        *(ladder_source(look, look.origin) or [f"# {FILL_IN}: no list could be used", "discovery = ()"]),
    ]
