"""The page object of an article page: one tree, several witnesses a field, one `Draft`.

An outlet subclasses `ArticlePage` and declares where its pages keep things; what it leaves out is found
without it:

    class ExamplePage(ArticlePage):
        body_css = ("div.detail-text", "div.detail_text")   # newest layout first
        drop_css = ("table.linksisip", ".ads")
        byline_css = ("#penulis a",)
        whole_query = "page=all"

The body comes from the first selector that finds text. Where none does, the generic finder's text is kept
and `body_from` says `"generic"`. Each field notes in `witnesses` who won, who agreed and who differed;
`layout` there is the body selector that read the page.
"""

import re
from datetime import datetime, tzinfo
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser
from web_poet import ItemPage

from crawler.dates import WIB
from crawler.items import Block, Draft, Instant, Removed, Witness
from crawler.pages import witnesses as heard
from crawler.pages.bodies import Body, read_carried, read_declared
from crawler.pages.dating import Dating, find_published
from crawler.pages.evidence import (
    Claimed,
    Neighbourhood,
    before_links,
    claimed_in_metadata,
    declared_people,
    pick_names,
    ranked_writers,
)
from crawler.pages.headline import Headline, find_headline, without_site
from crawler.pages.metadata import Metadata
from crawler.pages.pager import Pager, find_pager
from crawler.pages.parse import NotAnArticle, body_of, parse_html
from crawler.pages.people import People, read_line
from crawler.pages.refusals import check_thin
from crawler.pages.site import label_of, own_canonical
from crawler.pages.tree import Line, visible_text
from crawler.pages.zones import Zones, read_zones
from crawler.reasons import Reason
from crawler.text.normalise import fold, likeness
from crawler.text.page_text import page_text
from crawler.text.rules import COMMON, Rules

Selectors = str | tuple[str, ...]

REFUSED_PATH = "the address is one of a gallery, video or list"
REFUSED_ELEMENT = "the page holds"
_MAX_TAGS = 100
_ARTICLE_TAGS = 'meta[property="article:tag"]'
_NEAR_LINES = 4


class ArticlePage(ItemPage[Draft]):
    """Reads one article page.

    *listed_headline* and *listed_at* are what discovery knew; *fetched_at* resolves "2 jam lalu" where
    nothing better dates the page, and is never itself the date.
    """

    zone: ClassVar[tzinfo] = WIB
    rules: ClassVar[Rules] = COMMON
    # CSS selectors, newest layout first. Only what the generic finder cannot know needs declaring.
    headline_css: ClassVar[Selectors] = ()
    standfirst_css: ClassVar[Selectors] = ()
    published_css: ClassVar[Selectors] = ()
    byline_css: ClassVar[Selectors] = ()
    editors_css: ClassVar[Selectors] = ()
    source_css: ClassVar[Selectors] = ()
    tags_css: ClassVar[Selectors] = ()
    caption_css: ClassVar[Selectors] = ()
    body_css: ClassVar[Selectors] = ()
    drop_css: ClassVar[Selectors] = ()
    # Names of witnesses, best first, and witnesses that this outlet fills with something else.
    byline_order: ClassVar[tuple[str, ...]] = ("selector", "printed", "credits", "element", "signature")
    distrusted: ClassVar[frozenset[str]] = frozenset()
    # The query that gives all parts of a split article on one page (`page=all`), where there is one.
    whole_query: ClassVar[str | None] = None
    # Paths and elements of pages that are no articles: galleries, videos, lists.
    refuse_paths: ClassVar[tuple[str, ...]] = ()
    refuse_css: ClassVar[Selectors] = ()

    def __init__(
        self,
        html: str,
        url: str | None = None,
        *,
        listed_headline: str | None = None,
        listed_at: Instant | None = None,
        fetched_at: datetime | None = None,
    ) -> None:
        self.html = html
        self.url = url
        self.listed_headline = listed_headline
        self.listed_at = listed_at
        self.fetched_at = fetched_at
        self.witnesses: dict[str, Witness] = {}

    # --- The page, each part read once

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The page's tree."""
        return parse_html(self.html)

    @cached_property
    def metadata(self) -> Metadata:
        """What the page says of itself outside its text."""
        return Metadata(self.tree)

    @cached_property
    def outlet_label(self) -> str:
        """The outlet's label in the address: `kompas`."""
        return label_of(self.url or self.metadata.canonical)

    @cached_property
    def found_headline(self) -> Headline | None:
        """The headline with its element."""
        for selector in _tuple(self.headline_css):
            node = self.tree.css_first(selector)
            if node is not None and (text := fold(visible_text(node))):
                return Headline(text, "selector", node, self._headline_claims)
        return find_headline(self.tree, self._headline_claims)

    @cached_property
    def body(self) -> Body:
        """The body's containers and blocks; where the page shows next to none, what linked data carries."""
        shown = read_declared(self.tree, _tuple(self.body_css), _tuple(self.drop_css), self.found_headline)
        linked = self.metadata.article
        return read_carried(shown, linked.body, body_of(self.tree)) if linked and linked.body else shown

    @cached_property
    def zones(self) -> Zones:
        """The lines round the body."""
        headline = self.found_headline
        containers = self.body.containers
        return read_zones(headline.node if headline else None, containers[0] if containers else None)

    @cached_property
    def around(self) -> Neighbourhood:
        """What the lines round the body say."""
        return Neighbourhood(
            self.tree, self.zones, self.body.reading.lines, self.body.head, self.outlet_label
        )

    @cached_property
    def printed_people(self) -> People:
        """Who labelled lines name."""
        return self.around.people()

    @cached_property
    def credited_people(self) -> People:
        """Who a box of credits names."""
        return self.around.credits()

    @cached_property
    def pager(self) -> Pager:
        """Links to further parts of the same article."""
        return find_pager(self.tree, self.url or self.metadata.canonical, self.whole_query)

    def lines_of(self, selectors: Selectors) -> list[str]:
        """Return the texts of the elements that the first matching selector finds."""
        for selector in _tuple(selectors):
            texts = [fold(visible_text(node)) for node in self.tree.css(selector)[:_MAX_TAGS]]
            if any(texts):
                return [text for text in texts if text]
        return []

    # --- Fields

    @cached_property
    def headline(self) -> str | None:
        found = self.found_headline
        if found is None:
            return None
        wanted = likeness(found.text)
        agree = tuple(by for by, text in found.claims.items() if by != found.by and likeness(text) == wanted)
        differ = {by: text for by, text in found.claims.items() if by != found.by and by not in agree}
        self.witnesses["headline"] = Witness(by=found.by, agree=agree, differ=differ)
        return found.text

    @cached_property
    def standfirst(self) -> str | None:
        declared = self.lines_of(self.standfirst_css)
        text = declared[0] if declared else self.around.standfirst(self.headline)
        claims = heard.summary_claims(self.metadata) if text else {}
        return self._noted("standfirst", text, "selector" if declared else "printed", **claims)

    @cached_property
    def published_at(self) -> Instant | None:
        dating = self._dating
        if dating.witness is not None:
            self.witnesses["published_at"] = dating.witness
        return dating.instant

    @cached_property
    def byline(self) -> tuple[str, ...]:
        names, witness = pick_names(self._byline_claims())
        if witness is not None:
            self.witnesses["byline"] = witness
        return names

    @cached_property
    def editors(self) -> tuple[str, ...]:
        declared = Claimed("selector", self._declared_editors)
        _, metadata = self._claimed
        printed = Claimed("printed", self.printed_people.editors)
        credited = Claimed("credits", self.credited_people.editors)
        elements = Claimed("element", () if printed.names else self.around.editors_in_elements())
        names, witness = pick_names([declared, printed, credited, *metadata, elements])
        if witness is not None:
            self.witnesses["editors"] = witness
        return names

    @cached_property
    def source(self) -> str | None:
        printed = self.around.source()
        for text in self.lines_of(self.source_css):
            return self._noted("source", read_line(text).source or text, "selector", printed=printed)
        return self._noted("source", printed, "printed")

    @cached_property
    def tags(self) -> tuple[str, ...]:
        given = [node.attributes.get("content") or "" for node in self.tree.css(_ARTICLE_TAGS)[:_MAX_TAGS]]
        claims = heard.tag_claims(self.metadata, self.lines_of(self.tags_css), given)
        if (witness := heard.tags_witness(claims)) is not None:
            self.witnesses["tags"] = witness
        return tuple(dict.fromkeys(next(iter(claims.values()), [])))[:_MAX_TAGS]

    @cached_property
    def canonical_url(self) -> str | None:
        found = own_canonical(self.metadata.canonical, self.url)
        if (witness := heard.canonical_witness(self.metadata, self.url, found)) is not None:
            self.witnesses["canonical_url"] = witness
        return found

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The lead pictures' captions, then the blocks of the body."""
        declared = [Block(text=text, line=0, kind="caption") for text in self.lines_of(self.caption_css)]
        captions = declared or self.around.captions()
        numbered = [*captions, *self.body.reading.blocks]
        return tuple(attrs.evolve(block, line=line) for line, block in enumerate(numbered, 1))

    @cached_property
    def removed(self) -> tuple[Removed, ...]:
        shift = len(self.blocks) - len(self.body.reading.lines)
        return tuple(attrs.evolve(found, line=found.line + shift) for found in self.body.reading.removed)

    @cached_property
    def summary(self) -> str | None:
        """What metadata says the article is about; never shown, only glanced at."""
        return self.metadata.meta.get("og:description") or self.metadata.meta.get("description")

    @cached_property
    def page_text(self) -> str:
        return page_text(self.html)

    # --- The whole

    def validate_input(self) -> None:
        """Refuse what is no article.

        Raises:
            NotAnArticle: with the reason.
        """
        path = urlsplit(self.url).path if self.url else ""
        if any(re.search(pattern, path) for pattern in self.refuse_paths):
            raise NotAnArticle(Reason.NOT_ARTICLE, REFUSED_PATH)
        for selector in _tuple(self.refuse_css):
            if self.tree.css_first(selector) is not None:
                raise NotAnArticle(Reason.NOT_ARTICLE, f"{REFUSED_ELEMENT} {selector}")
        check_thin(self.html, self.tree, self.body, self.metadata)

    def read(self) -> Draft:
        """Return what the page states, without its page text, which costs as much as all the rest.

        Raises:
            NotAnArticle: the page is none, or cannot be read.
        """
        self.validate_input()
        draft = Draft(
            url=self.url,
            canonical_url=self.canonical_url,
            headline=self.headline,
            standfirst=self.standfirst,
            published_at=self.published_at,
            byline=self.byline,
            editors=self.editors,
            source=self.source,
            tags=self.tags,
            blocks=self.blocks,
            removed=self.removed,
            body_from=self.body.found_by,
        )
        headline = self.found_headline
        self.witnesses["body"] = heard.body_witness(
            self.body, self.tree, headline.node if headline else None, _tuple(self.drop_css), self.metadata
        )
        draft.witnesses = dict(self.witnesses)
        if self.body.selector is not None:
            draft.witnesses["layout"] = Witness(by=self.body.selector)
        return draft

    async def to_item(self) -> Draft:
        """Return what the page states; see `read`."""
        return self.read()

    # --- Witnesses

    @cached_property
    def _headline_claims(self) -> dict[str, str]:
        names = [name for name in (self.metadata.site_name, self.outlet_label) if name]
        claims = heard.headline_claims(self.metadata, self.listed_headline)
        return {by: without_site(text, names) for by, text in claims.items() if text}

    @cached_property
    def _dating(self) -> Dating:
        root = body_of(self.tree)
        declared = [Line(Block(text, 0), root) for text in self.lines_of(self.published_css)]
        first = self.body.reading.lines[:_NEAR_LINES]
        header = [*declared, *self.body.head, *(first if self.body.head else ()), *self.zones.header.lines]
        # Further off stand the day of the visit and the dates of other stories.
        before, behind = self.zones.before.lines[-_NEAR_LINES:], before_links(self.zones.behind.lines)
        claims = [*self.metadata.published, *self.around.times_in_attributes()]
        return find_published(
            header,
            [*reversed(before), *first, *behind[:_NEAR_LINES]],
            [claim for claim in claims if claim[0] not in self.distrusted],
            zone=self.zone,
            listed=self.listed_at,
            now=self.fetched_at,
        )

    @cached_property
    def _claimed(self) -> tuple[list[Claimed], list[Claimed]]:
        writers, editors = claimed_in_metadata(self.metadata, self.outlet_label)
        return (
            [claim for claim in writers if claim.by not in self.distrusted],
            [claim for claim in editors if claim.by not in self.distrusted],
        )

    @cached_property
    def _declared_editors(self) -> tuple[str, ...]:
        return declared_people(self.lines_of(self.editors_css), self.outlet_label, role="editor").editors

    def _byline_claims(self) -> list[Claimed]:
        """Return the witnesses of the byline, best first; an editor whom metadata calls author is none."""
        metadata, _ = self._claimed
        given = {
            "selector": declared_people(self.lines_of(self.byline_css), self.outlet_label).byline,
            "printed": self.printed_people.byline,
            "credits": self.credited_people.byline,
        }
        if not any(given.values()):
            given["element"] = self.around.authors_in_elements()
            given["signature"] = self.body.signed_by
        claims = [Claimed(by, tuple(names)) for by, names in given.items()] + metadata
        editors = self._declared_editors + self.printed_people.editors + self.credited_people.editors
        return ranked_writers(claims, self.byline_order, editors)

    def _noted(self, name: str, value: str | None, by: str, **claims: str | None) -> str | None:
        if value is not None:
            self.witnesses[name] = heard.text_witness(by, value, claims)
        return value


def read_html(  # noqa: PLR0913 - the page, and what discovery knew of it
    html: str,
    url: str | None = None,
    page_class: type[ArticlePage] = ArticlePage,
    *,
    listed_headline: str | None = None,
    listed_at: Instant | None = None,
    fetched_at: datetime | None = None,
) -> Draft:
    """Return what an article page states, page text included; its body is not cleaned yet.

    Raises:
        NotAnArticle: the page is no article, or cannot be read.
    """
    page = page_class(html, url, listed_headline=listed_headline, listed_at=listed_at, fetched_at=fetched_at)
    draft = page.read()
    draft.page_text = page.page_text
    return draft


def _tuple(selectors: Selectors) -> tuple[str, ...]:
    return (selectors,) if isinstance(selectors, str) else selectors
