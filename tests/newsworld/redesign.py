"""An outlet's new dress: from a moment on its pages keep their text and lose the markup they had.

What a redesign changes is drawn from its seed and the outlet's name: how classes and ids are called now, what
the containers are, how and where the date is printed, whether linked data stays. What is furniture stays
recognisable as such, as it does on real pages: an advert is still called one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from random import Random
from typing import Literal, get_args

from tests.newsworld.messages import Response

Kind = Literal["renamed", "rewrapped", "around", "scripted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""`renamed`: other names. `rewrapped`: other elements, and the date said otherwise. `around`: other names but
for the element that holds the text. `scripted`: a script draws the page, which as it comes holds its head and
nothing else."""

_NAMED = re.compile(r"""\s(class|id)\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
_MICRODATA = re.compile(
    r"""\s(?:itemprop|itemtype|itemid)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+)|\sitemscope\b""", re.IGNORECASE
)
_SCRIPT = re.compile(r"(<(script|style)\b.*?</\2\s*>|<!--.*?-->)", re.DOTALL | re.IGNORECASE)
_LINKED = re.compile(r"<script[^>]*application/ld\+json[^>]*>.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_HOLDER = re.compile(r"<(/?)(?:div|section|article)\b[^<>]*>", re.IGNORECASE)
_PROSE = re.compile(r"<p\b[^<>]*>(?:(?!</?p\b).){60}", re.DOTALL | re.IGNORECASE)
_DIV = re.compile(r"<(/?)div\b", re.IGNORECASE)
_PRINTED = re.compile(
    r"(?:(?:Senin|Selasa|Rabu|Kamis|Jum[’']?at|Sabtu|Minggu)\s*,?\s*)?"
    r"\d{1,2}\s+(?:Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Agt|Sep|Okt|Nov|Des)[a-z]*\.?\s+\d{4}"
    r"\s*[,|/–-]?\s*(?:pukul\s+)?\d{2}[:.]\d{2}(?::\d{2})?\s*(?:WIB|WITA|WIT)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Ags", "Sep", "Okt", "Nov", "Des")
_HELD = "<!--held-->"
# What a part of a page is for shows in its name whoever names it.
_MEANING = (
    (("related", "terkait", "baca", "linksisip", "yarpp"), "related"),
    (("advert", "iklan", "ads", "adv", "banner", "promo", "gpt", "sponsor"), "advert"),
    (("share", "sosmed", "social", "bagikan"), "share"),
    (("sidebar", "populer", "popular", "terpopuler", "trending", "terbaru"), "sidebar"),
    (("caption", "cap", "figcaption"), "caption"),
    (("comment", "komentar"), "comments"),
    (("breadcrumb", "breadcumb"), "breadcrumb"),
    (("pagination", "paging", "pager"), "pagination"),
    (("tag", "tags", "tagcloud"), "tags"),
    (("nav", "menu", "navbar"), "nav"),
    (("footer", "copyright"), "footer"),
)
_PLAIN = ("wrap", "panel", "cell", "grid", "frame", "row", "unit", "layer", "slot", "base", "shell", "tile")


@dataclass(frozen=True)
class Redesign:
    """From *since* on, *share* of an outlet's articles (0.0 to 1.0, chosen by address) look otherwise."""

    since: datetime
    share: float = 1.0
    seed: int = 0
    kind: Kind = "renamed"
    lists: bool = False
    outlet: str = ""
    _names: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        """Refuse a kind that nothing would deliver."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}: choose one of {', '.join(KINDS)}")

    def strikes(self, url: str) -> bool:
        """Tell whether the article at *url*, without its query, has the new dress."""
        digest = blake2b(f"{self.seed}/{url.partition('?')[0]}".encode(), digest_size=4).digest()
        return int.from_bytes(digest) < self.share * 2**32

    def dress(self, response: Response) -> Response:
        """Return a page in the new dress; what is no page of HTML is as it was."""
        if response.status != 200 or not response.content_type.startswith("text/html"):
            return response
        return replace(response, body=self.dressed(response.body.decode()).encode())

    def dressed(self, page: str) -> str:
        """Return the HTML of a page in the new dress."""
        draw = Random(f"{self.seed}/{self.outlet}/{self.kind}")
        style, drops_linked = draw.choice(("hashed", "module", "plain")), draw.random() < 0.5
        if drops_linked:
            page = _LINKED.sub("", page)
        head, tag, body = page.partition("<body")
        if self.kind == "scripted":
            return f'{head}<body><div id="__app"></div><script src="/build/main.js"></script></body></html>'
        rename = self._renaming(style)
        held = _holder(body) if self.kind == "around" else ""
        if held:
            body = body.replace(held, _HELD, 1)
        parts = _SCRIPT.split(body)
        body = "".join(
            _renamed(part, rename) if at % 3 == 0 else part for at, part in enumerate(parts) if at % 3 != 2
        )
        if self.kind == "rewrapped":
            body = _redated(_DIV.sub(rf"<\1{draw.choice(('section', 'article'))}", body), draw)
        return f"{head}{tag}{body.replace(_HELD, held, 1) if held else body}"

    def _renaming(self, style: str) -> Callable[[str], str]:
        def rename(name: str) -> str:
            if name not in self._names:
                digest = blake2b(f"{self.seed}/{self.outlet}/{name}".encode(), digest_size=4).hexdigest()
                words = set(re.split(r"[-_\s]+|(?<=[a-z])(?=[A-Z])", name))
                meaning = next((new for old, new in _MEANING if words.intersection(old)), None)
                plain = _PLAIN[int(digest, 16) % len(_PLAIN)]
                self._names[name] = {
                    "hashed": f"css-{digest[:6]}" + (f"-{meaning}" if meaning else ""),
                    "module": f"{(meaning or plain).title()}_{plain}__{digest[:5]}",
                    "plain": f"{meaning or plain}-{digest[:3]}",
                }[style]
            return self._names[name]

        return rename


def _holder(body: str) -> str:
    """Return the tag of the element that holds the first long paragraph, nothing where none does."""
    prose = _PROSE.search(body)
    opened: list[str] = []
    for tag in _HOLDER.finditer(body, 0, prose.start() if prose else 0):
        if not tag[1]:
            opened.append(tag[0])
        elif opened:
            opened.pop()
    return opened[-1] if opened else ""


def _renamed(part: str, rename: Callable[[str], str]) -> str:
    def named(found: re.Match[str]) -> str:
        names = found[2].strip("\"'").split()
        return f' {found[1]}="{" ".join(rename(name) for name in names)}"'

    return _TAG.sub(lambda tag: _MICRODATA.sub("", _NAMED.sub(named, tag[0])), part)


def _redated(body: str, draw: Random) -> str:
    """Return *body* with the date that is printed first said in another way."""
    how = draw.choice(("short", "labelled", "figures"))

    def said(found: re.Match[str]) -> str:
        day, month, year = re.search(r"(\d{1,2})\s+([A-Z][a-z]+)\.?\s+(\d{4})", found[0]).groups()  # type: ignore[union-attr]
        time = re.search(r"\d{2}[:.]\d{2}", found[0])[0].replace(".", ":")  # type: ignore[index]
        zone = next((name for name in ("WITA", "WIT", "WIB") if name in found[0]), "WIB")
        number = next(
            at for at, name in enumerate(_MONTHS, 1) if name[:2] == month[:2] and _same(name, month)
        )
        return {
            "short": f"{day} {_MONTHS[number - 1]} {year}, {time} {zone}",
            "labelled": f"Dipublikasikan {day} {_MONTHS[number - 1]} {year} pukul {time} {zone}",
            "figures": f"{int(day):02d}/{number:02d}/{year} {time} {zone}",
        }[how]

    return _PRINTED.sub(said, body, count=1)


def _same(short: str, month: str) -> bool:
    return month.startswith(short) or (short == "Ags" and month[:2] == "Ag")
