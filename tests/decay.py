"""How soon a redesign is noticed, and how often one is that is none: `make decay` prints the figures.

The pages are those of the news world, read by the outlets' own page classes: layouts of today and of former
years, split articles, and, made from them, what an outlet's days bring: items of two sentences, galleries
under an article's address, pages without byline, a widget nobody had before, and
one page in two thousand that is built like no other. Their traits are drawn in the
order of simulated days, with quiet ones, bursts of old pages and editors' new habits, which begin some day
and stay. A redesign puts every page, or a fifth of them, into another dress.
"""

import argparse
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from crawler.cli.spiders import load_spiders
from crawler.decay.memory import Memory
from crawler.decay.scan import LEARNED
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.pages.traits import PageTraits, declared, traits_of
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.printed import WIB
from tests.newsworld.reading import ask
from tests.newsworld.redesign import KINDS, Redesign
from tests.newsworld.world import World

START = date(2026, 3, 2)
AT = datetime(2026, 3, 9, tzinfo=WIB)
LONGEST = 400  # articles; a redesign that is not noticed by then counts as that many
WANTED_FULL, WANTED_PARTIAL, WANTED_FALSE = 5, 20, 1.0
WANTED_SHARE = 0.98  # of redesigns in time: an odd page shortly before makes the next ones less surprising
_LONG = re.compile(r"<p[^>]*>(?:(?!</?p\b).){60,}?</p>", re.DOTALL)
_WIDGET = '<blockquote class="widget-2026 embed-clip" id="clip-{at}"><a href="https://clips.example/{at}">Lihat</a></blockquote>'


@dataclass
class Pool:
    """The traits of one outlet's pages, by what is the matter with them; `struck` by kind and seed."""

    outlet: str
    usual: list[PageTraits] = field(default_factory=list)
    archive: list[PageTraits] = field(default_factory=list)
    short: list[PageTraits] = field(default_factory=list)
    gallery: list[PageTraits] = field(default_factory=list)
    unsigned: list[PageTraits] = field(default_factory=list)
    widget: list[PageTraits] = field(default_factory=list)
    odd: list[PageTraits] = field(default_factory=list)
    struck: dict[tuple[str, int], list[PageTraits]] = field(default_factory=dict)


def pools(outlets: Sequence[type[Outlet]], *, per_day: int, dressed: int, seeds: int) -> list[Pool]:
    """Return the pools of those outlets that have a spider; *dressed* pages for each dress."""
    spiders = load_spiders()
    return [
        pool_of(outlet, spiders[outlet.name].page_class, per_day, dressed, seeds)
        for outlet in outlets
        if outlet.name in spiders
    ]


def pool_of(
    outlet: type[Outlet], page_class: type[ArticlePage], per_day: int, dressed: int, seeds: int
) -> Pool:
    """Return the pool of one outlet."""
    world, pool = World(7, START, 7, per_day, (outlet,)), Pool(outlet.name)
    today: list[tuple[str, str, str]] = []
    for article in world.truth():
        answer = ask(world, article.url)
        if answer.status != 200:
            continue
        page = (article.url, answer.body.decode(), article.headline)
        seen = traits(page_class, *page)
        if seen is None:
            continue
        (pool.archive if article.archive else pool.usual).append(seen)
        if not article.archive:
            today.append(page)
    _vary(pool, page_class, today[:: max(1, len(today) // (2 * dressed))])
    for kind in KINDS:
        for seed in range(seeds):
            redesign = Redesign(AT, 1.0, seed, kind, outlet=outlet.name)
            pages = today[seed :: max(1, len(today) // dressed)][:dressed]
            seen_all = [traits(page_class, url, redesign.dressed(html), told) for url, html, told in pages]
            pool.struck[kind, seed] = [seen for seen in seen_all if seen is not None]
    return pool


def _vary(pool: Pool, page_class: type[ArticlePage], pages: Sequence[tuple[str, str, str]]) -> None:
    for at, (url, html, headline) in enumerate(pages):
        for name, changed in (
            ("short", shortened(html)),
            ("gallery", picture_page(html, at)),
            ("widget", widgeted(html, at)),
            ("unsigned", unsigned(page_class, html)),
            ("odd", Redesign(AT, 1.0, 1000 + at, "renamed", outlet=pool.outlet).dressed(html)),
        ):
            if (seen := traits(page_class, url, changed, headline)) is not None:
                getattr(pool, name).append(seen)


def traits(page_class: type[ArticlePage], url: str, html: str, headline: str) -> PageTraits | None:
    """Return what a page shows, as a crawl would see it that read its headline in a list."""
    page = page_class(html, url, listed_headline=headline, fetched_at=AT)
    try:
        page.validate_input()
    except NotAnArticle as refusal:
        return traits_of(page, refusal)
    return traits_of(page)


# What an outlet's days bring


def shortened(html: str) -> str:
    """Return a page whose article has two paragraphs."""
    paragraphs = list(_LONG.finditer(html))
    for found in reversed(paragraphs[2:]):
        html = html[: found.start()] + html[found.end() :]
    return html


def picture_page(html: str, at: int) -> str:
    """Return a page with pictures in the place of its text."""
    paragraphs = list(_LONG.finditer(html))
    for number, found in reversed(list(enumerate(paragraphs))):
        picture = f'<figure><img src="/{at}-{number}.jpg" alt=""></figure>' if number < 6 else ""
        html = html[: found.start()] + picture + html[found.end() :]
    return html


def widgeted(html: str, at: int) -> str:
    """Return a page with a widget of another site in its text."""
    found = _LONG.search(html)
    return html if found is None else html[: found.end()] + _WIDGET.format(at=at) + html[found.end() :]


def unsigned(page_class: type[ArticlePage], html: str) -> str:
    """Return a page without the elements in which its people are named."""
    page = page_class(html, "https://contoh.example/")
    selectors = declared(page_class)
    for css in (*selectors.get("byline", ()), *selectors.get("editors", ())):
        for node in page.tree.css(css):
            node.decompose()
    return page.tree.html or html


# Days


@dataclass
class Habits:
    """How often what happens at an outlet, as shares of its pages; they change some day."""

    short: float
    gallery: float
    unsigned: float
    widget: float
    archive: float
    odd: float

    @classmethod
    def drawn(cls, draw: Random) -> "Habits":
        """Draw an outlet's habits: most have little of each."""
        return cls(
            short=draw.betavariate(0.6, 6),
            gallery=min(0.05, draw.expovariate(150)),
            unsigned=draw.betavariate(0.6, 5),
            widget=draw.betavariate(0.5, 8),
            archive=draw.betavariate(0.4, 20),
            odd=draw.expovariate(2_000),
        )


def days(pool: Pool, draw: Random, count: int) -> Iterator[list[PageTraits]]:
    """Yield the pages of *count* healthy days of an outlet."""
    rate = min(80.0, max(2.0, draw.lognormvariate(2.9, 0.8)))
    habits = Habits.drawn(draw)
    for _ in range(count):
        if draw.random() < 1 / 60:  # an editor's new habit
            name = draw.choice(("short", "unsigned", "widget"))
            setattr(habits, name, draw.choice((0.0, draw.random())))
        number = 0 if draw.random() < 0.04 else _about(rate * (0.2 if draw.random() < 0.05 else 1.0), draw)
        pages = [page(pool, habits, draw) for _ in range(number)]
        if draw.random() < 1 / 40 and pool.archive:  # what was missed is fetched now
            pages += draw.choices(pool.archive, k=draw.randint(3, 25))
            draw.shuffle(pages)
        yield pages


def page(pool: Pool, habits: Habits, draw: Random) -> PageTraits:
    """Draw one healthy page."""
    for name in ("odd", "gallery", "short", "unsigned", "widget", "archive"):
        if draw.random() < getattr(habits, name) and getattr(pool, name):
            return draw.choice(getattr(pool, name))
    return draw.choice(pool.usual)


def _about(rate: float, draw: Random) -> int:
    return max(0, round(draw.gauss(rate, rate**0.5)))


def false_alarms(
    pools: Sequence[Pool], lives: int, length: int, seed: int
) -> tuple[int, int, dict[str, int]]:
    """Return how often healthy outlets alarm, in how many days, and by which signals."""
    alarms, lived, why = 0, 0, dict[str, int]()
    for pool in pools:
        for life in range(lives):
            memory, draw = Memory(), Random(f"{seed}/{pool.outlet}/{life}")
            for pages in days(pool, draw, length):
                lived += 1
                for seen in pages:
                    if noticed := memory.observe(seen):
                        alarms += 1
                        why[noticed[0].signal] = why.get(noticed[0].signal, 0) + 1
                        memory.recover()
    return alarms, lived, why


def until_noticed(pools: Sequence[Pool], share: float | None, before: int, seed: int) -> dict[str, list[int]]:
    """Return how many articles each kind of redesign stays unnoticed, over outlets, dresses and seeds.

    *before* are the healthy pages that an outlet showed. *share* None strikes each fifth page in turn, a
    number strikes pages at random.
    """
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for pool in pools:
        for (kind, dress), struck in pool.struck.items():
            memory, draw = Memory(), Random(f"{seed}/{pool.outlet}/{kind}/{dress}")
            habits = Habits.drawn(draw)
            for _ in range(before):
                if memory.observe(page(pool, habits, draw)):
                    memory.recover()
            first = draw.randrange(5)
            for number in range(1, LONGEST + 1):
                hit = (number + first) % 5 == 0 if share is None else draw.random() < share
                seen = draw.choice(struck) if hit and struck else page(pool, habits, draw)
                if memory.observe(seen):
                    break
            found[kind].append(number)
    return found


def main() -> int:
    """Print the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=21_000, help="healthy outlet-days to simulate")
    parser.add_argument("--seeds", type=int, default=3, help="dresses of each kind, and orders of pages")
    options = parser.parse_args()
    chosen = pools(ALL, per_day=12, dressed=10, seeds=options.seeds)
    tell("outlets", len(chosen), "outlets")
    broken = 0
    for name, share, most in (
        ("full", 1.0, WANTED_FULL),
        ("fifth", None, WANTED_PARTIAL),
        ("random_20", 0.2, None),
    ):
        for before in (40, 400):
            runs = [until_noticed(chosen, share, before, seed) for seed in range(options.seeds)]
            for kind in KINDS:
                numbers = sorted(number for run in runs for number in run[kind])
                label = f"{name}_{kind}_after_{before}"
                tell(f"{label}_median", statistics.median(numbers), "articles")
                tell(f"{label}_worst", numbers[-1], "articles")
                within = sum(number <= (most or WANTED_PARTIAL) for number in numbers) / len(numbers)
                tell(f"{label}_in_time", round(100 * within, 1), "%")
                # A fifth of a young outlet's pages may take longer, and is told without being promised.
                promised = most is not None and (share == 1.0 or before > LEARNED * 10)
                broken += promised and within < WANTED_SHARE
    length = 120
    alarms, lived, why = false_alarms(chosen, -(-options.days // (length * len(chosen))), length, 1)
    tell("healthy_days", lived, "outlet-days")
    tell("false_alarms", alarms, f"alarms {why or ''}".strip())
    tell("false_alarms_per_1000_days", round(1000 * alarms / lived, 3), "alarms")
    return int(bool(broken) or 1000 * alarms / lived > WANTED_FALSE)


def tell(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    print(f"figure decay_{name} {value} {unit}", flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    sys.exit(main())
