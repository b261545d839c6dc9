"""A page with invented words wherever prose stands: in text, metadata, linked data and addresses."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from crawler.authoring.addresses import looks_like_article
from crawler.authoring.goldens import FIELDS, PageRead, read_page
from crawler.authoring.invented import Inventor, kept_words
from crawler.authoring.trimming import set_text
from crawler.items import Draft
from crawler.pages.site import site_of
from crawler.text.topics import Topic

_LETTERS = re.compile(r"[A-Za-z]+")
_PROSE_WORDS = 6  # so many words are no label, wherever they stand
_ATTRIBUTE_WORDS = 4
_SLUG_WORDS = 3
_UNTOUCHED = frozenset(
    {
        "class",
        "id",
        "style",
        "name",
        "property",
        "type",
        "rel",
        "itemprop",
        "itemtype",
        "datetime",
        "lang",
        "charset",
    }
)
_ADDRESS = re.compile(r"(?:https?:)?//\S+|/\S*")
_PROSE_KEYS = frozenset(
    {"headline", "alternativeheadline", "description", "articlebody", "caption", "text", "abstract"}
)
_PEOPLE = frozenset({"author", "editor", "creator", "contributor", "person"})
_QUOTED = re.compile(r'(?<=")(?:[^"\\]|\\.){12,}(?=")')


class Anonymous:
    """Rewrites one page; `differences` says which fields then read otherwise than they should."""

    def __init__(self, read: PageRead, url: str, topic: Topic) -> None:
        self._read, self._wanted = read, read.golden
        self._url = url
        draft = read.draft or Draft()
        self._names = [*draft.byline, *draft.editors]
        host = urlsplit(url).hostname or ""
        kept = kept_words(topic, draft.dateline, draft.source, host, read.page.metadata.site_name)
        self._inventor = Inventor(kept, self._names)
        strings = [text for text in (*self._names, draft.standfirst, *draft.captions) if text]
        self._known = re.compile(
            "|".join(re.escape(text).replace(r"\ ", r"\s+") for text in strings) or r"(?!)"
        )
        self._slug = _slug_of(url)

    @property
    def url(self) -> str:
        """The page's own address as it is now."""
        return self.address(self._url)

    def rewrite(self) -> PageRead:
        """Return the page with invented words, read anew."""
        page = self._read.page
        containers = {node.mem_id for node in page.body.containers}
        headline = page.found_headline.node if page.found_headline else None
        inside = containers | ({headline.mem_id} if headline is not None else set())
        root = page.tree.root
        for node in list(root.traverse(include_text=True)) if root is not None else ():
            if node.is_text_node:
                self._rewrite_text(node, inside)
            elif node.is_element_node:
                self._rewrite_attributes(node)
        for node in page.tree.css('script[type*="ld+json"]'):
            self._rewrite_linked_data(node)
        return read_page(type(page), page.tree.html or "", self.url)

    def differences(self, written: PageRead) -> list[str]:
        """Return the fields of the rewritten page that are not what inventing makes of the first reading."""
        wanted, found = self._wanted, written.golden
        return [
            name for name in (*FIELDS, "parts") if self._invented(name, wanted.get(name)) != found.get(name)
        ]

    def _invented(self, field: str, value: object) -> object:
        if isinstance(value, list):
            return [self._invented(field, each) for each in value]
        if not isinstance(value, str) or field in {"published_at", "body_from"}:
            return value
        return self.address(value) if field == "parts" else self._inventor.text(value)

    # --- Text

    def _rewrite_text(self, node: LexborNode, inside: set[int]) -> None:
        parent, text = node.parent, node.text_content or ""
        if parent is None or parent.tag in {"script", "style"} or not text.strip():
            return
        prose = len(_LETTERS.findall(text)) >= _PROSE_WORDS or parent.tag == "title"
        around: LexborNode | None = parent
        while around is not None and not prose:
            prose = around.mem_id in inside or around.tag == "figcaption" or self._leads_to_article(around)
            around = around.parent
        new = self._inventor.text(text) if prose else self._only_known(text)
        if new != text:
            node.replace_with(new)

    def _leads_to_article(self, node: LexborNode) -> bool:
        if node.tag != "a":
            return False
        href = urljoin(self._url, node.attributes.get("href") or "")
        return self._is_ours(href) and (looks_like_article(href) or _slug_of(href) == self._slug)

    def _only_known(self, text: str) -> str:
        """Return *text* with the article's names and captions invented, and nothing else."""
        return self._known.sub(lambda match: self._inventor.text(match[0]), text)

    def _rewrite_attributes(self, node: LexborNode) -> None:
        for name, value in dict(node.attributes).items():
            if not value or name in _UNTOUCHED:
                continue
            new = self._rewritten(value.strip())
            if new != value:
                node.attrs[name] = new

    def _rewritten(self, value: str) -> str:
        if _ADDRESS.fullmatch(value):
            return self.address(value)
        words = len(_LETTERS.findall(value))
        return self._inventor.text(value) if words >= _ATTRIBUTE_WORDS else self._only_known(value)

    # --- Addresses

    def address(self, url: str) -> str:
        """Return an address of the site with the words of its headline invented; others lose their query."""
        absolute = urljoin(self._url, url)
        if not self._is_ours(absolute):
            return url.partition("?")[0]
        if (slug := _slug_of(absolute)) and (
            len(_LETTERS.findall(slug)) >= _SLUG_WORDS or slug == self._slug
        ):
            return url.replace(slug, self._inventor.slug(slug))
        return url

    def _is_ours(self, url: str) -> bool:
        try:
            return site_of(urlsplit(url).hostname or "") == site_of(urlsplit(self._url).hostname or "")
        except ValueError:
            return False

    # --- Linked data

    def _rewrite_linked_data(self, node: LexborNode) -> None:
        text = node.text(deep=True)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            # Broken linked data is a case of its own: its form stays, the words in its strings go.
            set_text(node, _QUOTED.sub(lambda match: self._rewritten(match[0]), text))
            return
        set_text(
            node,
            json.dumps(
                self._rewritten_data(value, "", person=False), ensure_ascii=False, separators=(",", ":")
            ),
        )

    def _rewritten_data(self, value: Any, key: str, *, person: bool) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [self._rewritten_data(each, key, person=person) for each in value]
        if isinstance(value, Mapping):
            of_person = key in _PEOPLE or str(value.get("@type", "")).lower() == "person"
            return {
                name: self._rewritten_data(each, name.lower(), person=of_person)
                for name, each in value.items()
            }
        if not isinstance(value, str):
            return value
        if _ADDRESS.fullmatch(value):
            return self.address(value)
        if key in _PROSE_KEYS or key in _PEOPLE or (person and key == "name"):
            return self._inventor.text(value)
        return self._rewritten(value) if key == "name" else value


def _slug_of(url: str) -> str:
    """Return the part of an address that reads like a headline: the last step that is no page number."""
    steps = [step for step in urlsplit(url).path.split("/") if step]
    while steps and (steps[-1].isdigit() or steps[-1] in {"page", "amp"}):
        steps.pop()
    return steps[-1] if steps else ""
