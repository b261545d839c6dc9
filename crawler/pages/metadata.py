"""What a page says of itself outside its text: `<title>`, meta elements, canonical link, linked data."""

import re
from collections.abc import Mapping
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from crawler.pages.linked import PLACEHOLDER, LinkedArticle, parse_scripts, read_article, types_of
from crawler.text.normalise import fold, sanitise

MAX_VALUE_CHARS = 5_000
_MAX_META = 500

# Site-specific names of one thing, compared without signs: `dtk:publishdate`, `content_PublishedDate`,
# `DC.date.issued`.
_PUBLISHED = re.compile(
    r"(?!.*(?:modif|updat|creat|unix|expir|event)).*(?:publi(?:sh|c).*(?:date|time|at)|date.*publi|pubdate|dateissued)"
)
_AUTHOR = re.compile(
    r".*author(?:name|s|fullname)?|dccreator|contentcreatorfullname|penulis|(?:news)?reporter"
)
_EDITOR = re.compile(r"(?:content|dtk|article|news|jpnncomnews)?(?:editor|editors|editorname|redaktur)")
_NOT_A_NAME = re.compile(r"https?:|www\.|@|\.(?:com|co\.id|id|net)\b", re.IGNORECASE)


class Metadata:
    """The witnesses of a page other than its text. Everything is read once, when first asked for."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """First value of each meta element with one, by its name, property or itemprop in lower case."""
        found: dict[str, str] = {}
        for node in self._tree.css("meta")[:_MAX_META]:
            attributes = node.attributes
            content = attributes.get("content")
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            if not content or not name:
                continue
            value = fold(sanitise(content, MAX_VALUE_CHARS))
            if value and not PLACEHOLDER.fullmatch(value[:60]):
                found.setdefault(name.strip().lower(), value)
        return found

    @cached_property
    def title(self) -> str | None:
        """The text of `<title>`."""
        node = self._tree.css_first("head > title") or self._tree.css_first("title")
        text = fold(sanitise(node.text(deep=True), MAX_VALUE_CHARS)) if node is not None else ""
        return text if text and not PLACEHOLDER.fullmatch(text[:60]) else None

    @cached_property
    def link(self) -> str | None:
        """The address of the canonical link as written."""
        node = self._tree.css_first('link[rel="canonical"][href]')
        return ((node.attributes.get("href") or "").strip() if node is not None else "") or None

    @cached_property
    def canonical(self) -> str | None:
        """The declared canonical address as written."""
        return self.link or self.meta.get("og:url")

    @cached_property
    def objects(self) -> list[dict[str, object]]:
        """The page's own objects of linked data."""
        nodes = self._tree.css('script[type*="ld+json"]')
        return parse_scripts(node.text(deep=True) for node in nodes[:50])

    @cached_property
    def article(self) -> LinkedArticle | None:
        """What linked data says of the article."""
        return read_article(self.objects, self.meta.get("og:title"))

    @cached_property
    def types(self) -> frozenset[str]:
        """All types that linked data gives the page and its main things."""
        return frozenset().union(*(types_of(found) for found in self.objects))

    @cached_property
    def site_name(self) -> str | None:
        """The outlet's own name as the page gives it."""
        return self.meta.get("og:site_name") or self.meta.get("application-name")

    @cached_property
    def published(self) -> tuple[tuple[str, str], ...]:
        """Witnesses of the time of publication, best first: (name of the witness, the time as written)."""
        found: dict[str, str] = {}
        if self.article and self.article.published:
            found["json-ld"] = self.article.published
        if value := self.meta.get("article:published_time"):
            found["article:published_time"] = value
        for name, value in self.meta.items():
            if _PUBLISHED.fullmatch(_plain(name)):
                found.setdefault(name, value)
        return tuple(found.items())

    @cached_property
    def authors(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Witnesses of the writers: (name of the witness, names as written)."""
        found = [("json-ld", self.article.authors)] if self.article and self.article.authors else []
        return (*found, *self._people(_AUTHOR))

    @cached_property
    def editors(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Witnesses of the editors: (name of the witness, names as written)."""
        found = [("json-ld", self.article.editors)] if self.article and self.article.editors else []
        return (*found, *self._people(_EDITOR))

    def _people(self, pattern: re.Pattern[str]) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (name, (value,))
            for name, value in self.meta.items()
            if pattern.fullmatch(_plain(name)) and not _NOT_A_NAME.search(value)
        ]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name)
