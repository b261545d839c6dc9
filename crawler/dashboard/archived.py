"""An archived page as a document that can be looked at: drawn without scripts, requests, links or forms.

It is served with a policy that forbids all of that, into a frame that forbids it again; what is cut here
besides is what neither of them covers: links that lead away, and hints to a browser to connect in advance.
"""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import html_to_unicode

from crawler.storage.replay import ArchivedResponse
from crawler.unpack import unpack

MAX_BYTES: Final = 16 * 1024 * 1024

_CUT: Final = (
    "script, base, link, meta, iframe, frame, frameset, object, embed, applet, portal, fencedframe, "
    "template, noscript, audio, video, source, track, dialog, param"
)
_KEPT_ATTRIBUTES: Final = frozenset(
    {"alt", "title", "lang", "dir", "class", "id", "colspan", "rowspan", "scope", "headers", "start", "type"}
    | {"width", "height", "style", "datetime", "cite", "value", "reversed", "align", "valign", "itemprop"}
)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif)[;,]", re.IGNORECASE)
_LOADS = re.compile(
    r"(?:url|image-set|image|src|cross-fade)\s*\(|@(?:import|namespace|font-face)", re.IGNORECASE
)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|[a-z])", re.IGNORECASE)


def decoded(response: ArchivedResponse) -> str:
    """Return the text of an archived response, its packing undone; cut at `MAX_BYTES`."""
    named = ",".join(_stated(response, b"content-encoding"))
    encodings = [part.strip().lower() for part in named.split(",") if part.strip()]
    body = unpack(response.body, encodings, MAX_BYTES).body if encodings else response.body[:MAX_BYTES]
    return html_to_unicode(content_type(response) or None, body)[1]


def content_type(response: ArchivedResponse) -> str:
    """Return what a response says that it is; empty where it does not."""
    return next(iter(_stated(response, b"content-type")), "")


def is_markup(response: ArchivedResponse, text: str) -> bool:
    """Tell whether a response is a page, by its declared type or, without one, by how it begins."""
    kind = content_type(response).partition(";")[0].strip().lower()
    if kind:
        return kind in {"text/html", "application/xhtml+xml"}
    return _MARKUP.search(text[:1000].encode(errors="replace")) is not None


def inert_page(text: str) -> str:
    """Return a page of the web as one that only shows: its text, its structure, its own styles.

    Addresses of links stand in their titles. Pictures are left out unless the page itself holds them.
    """
    tree = LexborHTMLParser(text)
    for node in tree.css(_CUT):
        node.decompose()
    for node in tree.css("style"):
        node.inner_html = _quiet(node.text())
    for node in tree.css("*"):
        name = node.tag or ""
        for attribute, value in list(node.attributes.items()):
            if attribute == "href" and name in {"a", "area"}:
                node.attrs["title"] = value or ""
            if attribute == "src" and name == "img" and _DATA_IMAGE.match(value or ""):
                continue
            if attribute == "style":
                node.attrs["style"] = _quiet(value or "")
            elif attribute not in _KEPT_ATTRIBUTES:
                del node.attrs[attribute]
    return f'<!doctype html><meta charset="utf-8">\n{tree.html or ""}'


def _quiet(css: str) -> str:
    """Return style sheets that load nothing: without the words that would, and without ways to write them."""
    return _LOADS.sub("none(", css.replace("\\", "").replace("<", "").replace("/*", " ").replace("*/", " "))


def _stated(response: ArchivedResponse, header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in response.headers if name.lower() == header]
