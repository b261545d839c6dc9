"""Pieces of HTML that pages of all outlets are built from."""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from random import Random

from tests.newsworld.model import Block

_SLUG = re.compile(r"[^a-z0-9]+")


def esc(text: str) -> str:
    """Return *text* for HTML: markup escaped, no-break spaces as entities."""
    return html.escape(text, quote=True).replace("&#x27;", "&#039;").replace("\u00a0", "&nbsp;")


def typeset(text: str) -> str:
    """Return *text* as WordPress writes it: numeric entities for quotes, dashes and ampersands."""
    plain = text.replace("&", "&#038;").replace("<", "&lt;").replace(">", "&gt;")
    for char in "“”‘’–":
        plain = plain.replace(char, f"&#{ord(char)};")
    return plain.replace('"', "&#8221;").replace("\u00a0", "&nbsp;")


def slugify(text: str, words: int = 14) -> str:
    """Return the address form of *text*: lower-case words joined by hyphens."""
    return "-".join(_SLUG.sub("-", text.lower()).strip("-").split("-")[:words])


def blocks_html(
    blocks: Sequence[Block],
    paragraph: Callable[[str], str],
    heading: Callable[[str], str],
    between: dict[int, str] | None = None,
    text: Callable[[str], str] = esc,
) -> str:
    """Return the HTML of *blocks*; list items that follow each other share a list.

    *between* puts HTML before the block of that number (or at the end, under the number of blocks).
    """
    out: list[str] = []
    open_list = False
    for at, block in enumerate(blocks):
        inserted = (between or {}).get(at, "")
        if open_list and (block.kind != "item" or inserted):
            out.append("</ul>")
            open_list = False
        out.append(inserted)
        if block.kind == "item":
            if not open_list:
                out.append("<ul>")
                open_list = True
            out.append(f"<li>{text(block.text)}</li>")
        elif block.kind == "heading":
            out.append(heading(text(block.text)))
        else:
            out.append(paragraph(text(block.text)))
    if open_list:
        out.append("</ul>")
    out.append((between or {}).get(len(blocks), ""))
    return "\n".join(piece for piece in out if piece)


def places_between(blocks: Sequence[Block], count: int, rng: Random) -> list[int]:
    """Return up to *count* places, in order, where furniture can stand: between two paragraphs."""
    free = [
        at
        for at in range(1, len(blocks))
        if blocks[at - 1].kind == "text"
        and blocks[at].kind == "text"
        and not blocks[at - 1].text.endswith(":")
    ]
    return sorted(rng.sample(free, min(count, len(free))))


def cut(blocks: Sequence[Block], parts: int) -> list[tuple[Block, ...]]:
    """Return *blocks* in *parts* runs of about equal length, none beginning with a list item."""
    size = len(blocks) / parts
    starts = [0]
    for number in range(1, parts):
        at = round(size * number)
        while at < len(blocks) and (blocks[at].kind == "item" or blocks[at - 1].kind == "heading"):
            at += 1
        starts.append(min(at, len(blocks)))
    starts.append(len(blocks))
    return [tuple(blocks[first:last]) for first, last in pairwise(starts)]


_SLOTS = ("Leaderboard", "Billboard", "Giant", "Skin", "Inside", "Baloon", "Native", "Parallax")
_SCRIPTS = """\
googletag.cmd.push(function(){googletag.defineSlot('/NUM/NAME/SLOT_NUM',[[WIDE,TALL],[TALL,WIDE]],\
'div-gpt-ad-NUM-0').setTargeting('pos',['SLOT']).addService(googletag.pubads());});
function _SLOTNUM(e,t){if(!e||t<TALL)return;var n=document.getElementById('SLOT-NUM');n&&(n.style.height=\
t+'px',n.setAttribute('data-v','NUM'));window.dataLayer.push({'event':'view_SLOT','id':NUM});}
if(window.innerWidth>WIDE){document.cookie='_SLOT=NUM;path=/;max-age=TALL';setTimeout(function(){\
window['cfg_NUM']={w:WIDE,h:TALL};},TALL);}""".splitlines()


@cache
def script_filler(name: str, size: int) -> str:
    """Return about *size* characters of inline scripts such as news pages carry, the same for one *name*."""
    rng = Random(f"script/{name}")
    out = [
        "window.dataLayer=window.dataLayer||[];var googletag=googletag||{};googletag.cmd=googletag.cmd||[];"
    ]
    length = len(out[0])
    while length < size:
        line = rng.choice(_SCRIPTS).replace("NAME", name).replace("SLOT", rng.choice(_SLOTS))
        line = line.replace("NUM", str(rng.randrange(10**11))).replace(
            "WIDE", str(rng.choice((300, 320, 728, 970)))
        )
        line = line.replace("TALL", str(rng.choice((50, 90, 250, 600))))
        out.append(line)
        length += len(line) + 1
    return "\n".join(out)


@cache
def style_filler(name: str, size: int) -> str:
    """Return about *size* characters of inline style sheet, the same for one *name*."""
    rng = Random(f"style/{name}")
    out: list[str] = []
    length = 0
    while length < size:
        line = (
            f".{rng.choice('abcdfgm')}{rng.choice(('ox', 'tn', 'ard', 'ist', 'rid'))}-{rng.randrange(999)}"
            f"{{margin:{rng.randrange(40)}px {rng.randrange(40)}px;padding:{rng.randrange(30)}px;"
            f"font-size:{rng.randrange(11, 32)}px;line-height:1.{rng.randrange(2, 9)};"
            f"color:#{rng.randrange(4096):03x};background:#{rng.randrange(4096):03x}}}"
        )
        out.append(line)
        length += len(line) + 1
    return "\n".join(out)


@cache
def menu(base: str, names: tuple[str, ...], depth: int = 6) -> str:
    """Return a navigation menu with sub-menus under *base*."""
    items = []
    for name in names:
        inner = "".join(
            f'<li class="sub"><a href="{base}/{slugify(name)}/{slugify(other)}">{esc(other)}</a></li>'
            for other in names[:depth]
            if other != name
        )
        items.append(
            f'<li class="nav-item"><a class="nav-link" href="{base}/{slugify(name)}">{esc(name)}</a>'
            f"<ul>{inner}</ul></li>"
        )
    return f'<nav><ul class="menu">{"".join(items)}</ul></nav>'


def links(pairs: Iterable[tuple[str, str]], item: str) -> str:
    """Return one *item* (a format with {url} and {title}) for each address and title."""
    return "\n".join(item.format(url=esc(url), title=esc(title)) for url, title in pairs)


def linked_once(text: str, name: str, link: str) -> str:
    """Return *text* with the first *name* that stands in plain paragraph text turned into *link*."""
    at = text.find(name)
    while at >= 0:
        opened = text.rfind("<", 0, at)
        if text.startswith("<p>", opened):
            return text[:at] + link + text[at + len(name) :]
        at = text.find(name, at + 1)
    return text
