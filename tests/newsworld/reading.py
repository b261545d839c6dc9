"""How tests look at the world without a network: ask it directly, read blocks and links of its pages."""

import html
import re

from selectolax.lexbor import LexborHTMLParser

from tests.newsworld.client import AGENT
from tests.newsworld.messages import Request, Response
from tests.newsworld.world import World

_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_PARTED = re.compile(
    r"</?(?:p|h[1-6]|li|[ou]l|div|article|aside|section|figure|figcaption|blockquote|nav|t[dr]|br)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]+>")


def ask(world: World, url: str) -> Response:
    """Return the world's answer to a browser that asks for *url*."""
    return world.answer(Request.of("GET", url, {"user-agent": AGENT}))


def text_of(world: World, url: str) -> str:
    """Return the text of a page that must be there."""
    answer = ask(world, url)
    if answer.status != 200:
        raise AssertionError(f"{url} answered {answer.status}")
    return answer.body.decode()


def fold(text: str) -> str:
    """Return *text* with single spaces, no-break spaces included."""
    return " ".join(text.replace("\u00a0", " ").split())


def blocks_of(page: str) -> list[str]:
    """Return the texts of *page* that elements of their own or line breaks part from others, in order."""
    return [text for piece in _PARTED.split(_UNSEEN.sub("", page)) if (text := _plain(piece))]


def links_in(page: str, selector: str) -> list[str]:
    """Return the addresses of the links that *selector* finds."""
    return [node.attributes["href"] or "" for node in LexborHTMLParser(page).css(selector)]


def _plain(piece: str) -> str:
    return fold(html.unescape(_TAG.sub("", piece)))
