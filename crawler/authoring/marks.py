"""What a page tells of its site: what it was made with, its feeds, search forms, and lists worth a look."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import attrs
from scrapy.http import FormRequest, Request
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.tree import visible_text
from crawler.text.normalise import fold
from crawler.urls import UrlError, fetch_url

_FEED_TYPES = ("application/rss+xml", "application/atom+xml")
_THEME = re.compile(r"/wp-content/themes/([A-Za-z0-9_.-]{1,40})/")
_BODY_THEME = re.compile(r"\bwp-theme-([A-Za-z0-9_.-]{1,40})")
_WORDPRESS = re.compile(
    r"/wp-(?:content|includes|json)/|wp-theme-|api\.w\.org|wp-comments-post", re.IGNORECASE
)
_SYSTEMS = (
    (
        "Promedia",
        re.compile(r"promedia(?:teknologi|\.id|\.co)|(?:class|id)=\"[^\"]{0,60}\bpromedia\b", re.IGNORECASE),
    ),
    ("Blogger", re.compile(r"\.blogger\.com/|blogspot\.", re.IGNORECASE)),
    ("Next.js", re.compile(r"id=\"__NEXT_DATA__\"|/_next/static/")),
    ("Nuxt", re.compile(r"window\.__NUXT__|/_nuxt/")),
    ("Google Custom Search", re.compile(r"cse\.google\.|class=\"gcse-", re.IGNORECASE)),
)
_QUERY_NAMES = re.compile(
    r"(?:q|s|query|search|keywords?|key|kata|cari|katakunci|terms?|text|find)\Z", re.IGNORECASE
)
_TOKEN = re.compile(r"csrf|token|nonce", re.IGNORECASE)
_SEARCH_WORDS = re.compile(r"search|cari|telusur", re.IGNORECASE)
_INDEX_WORDS = re.compile(r"\b(?:indeks|index|arsip|archives?|indeks berita)\b", re.IGNORECASE)
_INDEX_PATH = re.compile(r"/(?:[a-z-]*(?:indeks|index)(?:-[a-z]+)?|arsip|archives?)(?:/|\Z)", re.IGNORECASE)
_TAG_PATH = re.compile(
    r"(?P<before>.*/(?:tags?|topi[ck]s?)/)(?P<tag>[a-z0-9][a-z0-9-]*)(?P<after>/?)\Z", re.IGNORECASE
)
_MAX_LINKS, _MAX_FORMS, _MAX_FEEDS = 2_000, 20, 6


@attrs.frozen
class SearchForm:
    """A form that asks for words: where it leads, how, under which name, and what it sends besides."""

    action: str
    method: str
    parameter: str
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """What is sent besides the words, but for tokens that are only good for one reader."""
        return {name: value for name, value in self.fixed if not _TOKEN.search(name)}

    def asked(self, words: str) -> str:
        """Return the address that a reader who types *words* comes to, where the form is sent by GET."""
        parts = urlsplit(self.action)
        query = [
            *parse_qsl(parts.query, keep_blank_values=True),
            *self.fields.items(),
            (self.parameter, words),
        ]
        return parts._replace(query=urlencode(query), fragment="").geturl()

    def request(self, words: str) -> Request:
        """Return what a reader sends who types *words*."""
        if self.method == "get":
            return Request(self.asked(words))
        return FormRequest(self.action, method="POST", formdata={**self.fields, self.parameter: words})


def systems(html: str, tree: LexborHTMLParser) -> list[str]:
    """Return what a page was made with, best known first: `WordPress, theme newkarma`."""
    found = []
    generator = tree.css_first('meta[name="generator" i]')
    said = fold(generator.attributes.get("content") or "")[:60] if generator is not None else ""
    if is_wordpress(html) or said.startswith("WordPress"):
        theme = _THEME.search(html) or _BODY_THEME.search(html)
        found.append(f"WordPress{f', theme {theme[1]}' if theme else ''}")
    elif said:
        found.append(said)
    return found + [name for name, mark in _SYSTEMS if mark.search(html)]


def is_wordpress(html: str) -> bool:
    """Tell whether a page was made by WordPress."""
    return bool(_WORDPRESS.search(html))


def declared_feeds(tree: LexborHTMLParser, base: str) -> list[str]:
    """Return the feeds that a page declares, those of comments left out."""
    found = []
    for node in tree.css("link[href][type]")[:_MAX_LINKS]:
        kind = (node.attributes.get("type") or "").lower()
        href = node.attributes.get("href") or ""
        if kind in _FEED_TYPES and "comments" not in href and (url := absolute(base, href)):
            found.append(url)
    return list(dict.fromkeys(found))[:_MAX_FEEDS]


def amp_of(tree: LexborHTMLParser, base: str) -> str | None:
    """Return the address of the page's AMP form, None where it declares none."""
    node = tree.css_first('link[rel="amphtml"][href]')
    return absolute(base, node.attributes.get("href") or "") if node is not None else None


def search_forms(tree: LexborHTMLParser, base: str) -> list[SearchForm]:
    """Return the forms of a page that ask for words, each once."""
    found = []
    for form in tree.css("form")[:_MAX_FORMS]:
        attributes = form.attributes
        action = absolute(base, attributes.get("action") or base)
        field = _words_field(form, attributes.get("action") or "")
        if action is None or field is None:
            continue
        fixed = tuple(
            (name, node.attributes.get("value") or "")
            for node in form.css('input[type="hidden"][name]')
            if (name := node.attributes.get("name") or "") and name != field
        )
        found.append(SearchForm(action, (attributes.get("method") or "get").lower(), field, fixed))
    return list(dict.fromkeys(found))


def _words_field(form: LexborNode, action: str) -> str | None:
    named = " ".join([action, *(form.attributes.get(name) or "" for name in ("class", "id", "role"))])
    for node in form.css("input"):
        name, kind = node.attributes.get("name") or "", (node.attributes.get("type") or "text").lower()
        if not name or kind not in {"text", "search"}:
            continue
        if kind == "search" or _QUERY_NAMES.match(name) or _SEARCH_WORDS.search(named):
            return name
    return None


def index_links(tree: LexborHTMLParser, base: str) -> list[str]:
    """Return the addresses of pages that by their name list all articles."""
    return [
        url
        for url, text in _links(tree, base)
        if _INDEX_PATH.search(urlsplit(url).path) or (_INDEX_WORDS.search(text) and len(text) <= 20)  # noqa: PLR2004 - a menu's word, no headline
    ]


def tag_links(tree: LexborHTMLParser, base: str) -> list[tuple[str, str]]:
    """Return the tags that a page links to: the template of their addresses, and the tag."""
    found = []
    for url, _ in _links(tree, base):
        parts = urlsplit(url)
        if not parts.query and (match := _TAG_PATH.fullmatch(parts.path)):
            found.append(
                (f"{parts.scheme}://{parts.netloc}{match['before']}{{tag}}{match['after']}", match["tag"])
            )
    return list(dict.fromkeys(found))


def _links(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, str]]:
    met = set()
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        url = absolute(base, node.attributes.get("href") or "")
        if url and url not in met:
            met.add(url)
            yield url, fold(visible_text(node))


def absolute(base: str, href: str) -> str | None:
    """Return where a link leads, None where it leads nowhere that could be fetched."""
    try:
        return fetch_url(urljoin(base, href.strip()))
    except (UrlError, ValueError):
        return None
