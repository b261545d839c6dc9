"""Pieces of HTML that pages of all outlets are built from."""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
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
    """Return up to *count* places, in order, where furniture can stand: after a paragraph, not inside a list."""
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
    return [tuple(blocks[a:b]) for a, b in zip(starts, starts[1:], strict=False)]


@cache
def script_filler(name: str, size: int) -> str:
    """Return about *size* characters of the inline scripts that news pages carry, always the same for *name*."""
    rng = Random(f"script/{name}")
    out = [
        "window.dataLayer=window.dataLayer||[];var googletag=googletag||{};googletag.cmd=googletag.cmd||[];"
    ]
    length = len(out[0])
    while length < size:
        unit = rng.choice(
            ("Leaderboard", "Billboard", "Giant", "Skin", "Inside", "Baloon", "Native", "Parallax")
        )
        slot, width, height = (
            rng.randrange(10**12),
            rng.choice((300, 320, 728, 970)),
            rng.choice((50, 90, 250, 600)),
        )
        line = rng.choice(
            (
                f"googletag.cmd.push(function(){{googletag.defineSlot('/{slot % 10**8}/{name}/{unit}_{slot % 97}',"
                f"[[{width},{height}],[{width},{height // 2}]],'div-gpt-ad-{slot}-0').setTargeting('pos',['{unit}'])"
                ".addService(googletag.pubads());});",
                f"function _{unit.lower()}{slot % 9973}(e,t){{if(!e||t<{slot % 89})return;var n=document."
                f"getElementById('{unit.lower()}-{slot % 9973}');n&&(n.style.height=t+'px',n.setAttribute("
                f"'data-v','{slot:x}'));window.dataLayer.push({{'event':'view_{unit}','id':{slot}}});}}",
                f"if(window.innerWidth>{width}){{document.cookie='_{unit}={slot:x};path=/;max-age={slot % 86400}';"
                f"setTimeout(function(){{window['cfg_{slot % 997}']={{w:{width},h:{height}}};}},{slot % 4000});}}",
            )
        )
        out.append(line)
        length += len(line) + 1
    return "\n".join(out)


@cache
def style_filler(name: str, size: int) -> str:
    """Return about *size* characters of inline style sheet, always the same for *name*."""
    rng = Random(f"style/{name}")
    out: list[str] = []
    length = 0
    while length < size:
        line = (
            f".{rng.choice('abcdfgmpw')}{rng.choice(('ox', 'tn', 'ard', 'ist', 'av', 'rid'))}-{rng.randrange(999)}"
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
            f'<li class="sub"><a href="{base}/{slugify(name)}/{slugify(other)}" title="{esc(other)}">{esc(other)}'
            "</a></li>"
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
