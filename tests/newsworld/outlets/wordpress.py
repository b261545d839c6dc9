"""What every WordPress site of the world answers: search, archives, feeds, sitemaps and (`rest.py`) REST.

A site subclasses `WordPress`, sets `base` (its address) and `title`, and writes the theme: `article_page`,
`list_item` and `frame`. Everything else has the forms of WordPress itself.
"""

import re
from abc import abstractmethod
from random import Random
from typing import TYPE_CHECKING, ClassVar

from tests.newsworld.markup import blocks_html, esc, places_between, slugify, typeset
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.model import Copy, Entry, Headline, Plan
from tests.newsworld.outlets.base import Outlet, day_of
from tests.newsworld.outlets.feeds import rss_feed, sitemap, sitemap_index
from tests.newsworld.outlets.rest import Rest
from tests.newsworld.outlets.shown import Shown
from tests.newsworld.printed import iso

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 10
CATEGORIES = {
    "internasional": "Internasional",
    "nasional": "Nasional",
    "ekonomi": "Ekonomi",
    "daerah": "Daerah",
    "olahraga": "Olahraga",
    "gaya": "Gaya Hidup",
}
_PAGE = re.compile(r"/page/(\d{1,4})$")
_PART = re.compile(r"(?<=[a-z0-9])/\d{1,2}/$")


class WordPress(Outlet):
    """A WordPress site."""

    base: ClassVar[str]
    title: ClassVar[str]
    dated_addresses: ClassVar[bool] = False
    maps: ClassVar[tuple[str, str]] = ("wp-sitemap.xml", "wp-sitemap-posts-post-1.xml")
    robots: ClassVar[str] = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
    theme: ClassVar[str] = "nomina"

    # What a site writes

    @abstractmethod
    def article_page(self, entry: Entry, shown: Shown) -> str:
        """Return the page of a story, or of one part of it."""

    @abstractmethod
    def list_item(self, entry: Entry) -> str:
        """Return a story as lists of the theme show it."""

    @abstractmethod
    def frame(self, title: str, head: str, main: str) -> str:
        """Return a whole page of the theme."""

    def lead_in(self, entry: Entry, copy: Copy) -> str:
        """Return the HTML that opens the first paragraph: brand or place and a dash."""
        del entry, copy
        return ""

    def paragraph_furniture(self, entry: Entry) -> dict[int, str]:
        """Return furniture that editors put into the text, by the number of the block that follows it."""
        del entry
        return {}

    # Places

    def place(self, plan: Plan, headline: Headline) -> Entry:
        """Return the place: the slug, on some sites under the day."""
        at = plan.published_at
        under = f"/{at:%Y/%m/%d}" if self.dated_addresses else ""
        host = self.hosts[0]
        slug = self.free_slug(slugify(headline.text, 16), lambda slug: (host, f"{under}/{slug}/"))
        section = slugify(CATEGORIES[headline.desk])
        rest = ("rest",) if self.chosen.get("rest", "open") == "open" else ()
        return self.new_entry(
            plan,
            headline,
            host=host,
            path=f"{under}/{slug}/",
            slug=slug,
            section=section,
            layout=self.theme,
            lists=(
                "search",
                "feed",
                "sitemap",
                *rest,
                f"category/{section}",
                *(f"tag/{slugify(tag)}" for tag in headline.tags),
            ),
        )

    def page_urls(self, entry: Entry, parts: int) -> tuple[str, ...]:
        """Return the addresses of the pages: `/slug/`, then `/slug/2/`."""
        return (entry.url, *(f"{entry.url}{number}/" for number in range(2, parts + 1)))

    def whole_url(self, entry: Entry, parts: int) -> str | None:
        """Return the address of the whole story: none for a divided one, REST apart."""
        return entry.url if parts == 1 else None

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page of the theme."""
        del host
        return html(self.frame(title, "", f'<main id="main">{main}</main>'))

    def story_path(self, path: str) -> str:
        """Return the path of the story: `/slug/2/` is its second page."""
        return _PART.sub("/", path if path.endswith("/") else path + "/")

    def content(self, entry: Entry, shown: Shown) -> str:
        """Return the HTML of the text as the editors stored it."""
        text = blocks_html(
            shown.blocks,
            lambda inner: f"<p>{inner}</p>",
            lambda inner: f"<h3>{inner}</h3>",
            shown.here(self.paragraph_furniture(entry)),
            typeset,
        )
        if shown.first:
            text = text.replace("<p>", f"<p>{self.lead_in(entry, self.copy(entry))}", 1)
        return text

    def whole_content(self, entry: Entry) -> str:
        """Return the HTML of all parts, with the comment between them that divides them."""
        parts = self.split(entry, self.copy(entry))
        return "\n<!--nextpage-->\n".join(
            self.content(entry, self.shown(entry, str(number))) for number in range(1, parts + 1)
        )

    def cross_links(self, entry: Entry, pattern: str, most: int = 3) -> dict[int, str]:
        """Return cross links as paragraphs between others; *pattern* has {url} and {title}."""
        blocks = self.copy(entry).blocks
        spots = places_between(blocks, most, Random(entry.key + "/cross"))
        others = self.earlier(entry, most)
        return {
            at: pattern.format(url=other.url, title=typeset(other.headline))
            for at, other in zip(spots, others, strict=False)
        }

    # Answers

    def respond(self, request: Request) -> Response | None:
        """Answer as WordPress routes: REST, maps, posts, archives and feeds."""
        path = request.path
        if request.host != self.hosts[0]:
            return redirect(f"{self.base}{request.target}")
        if path.startswith("/wp-json") or "rest_route" in request.query:
            return Rest(self).answer(request)
        if path == "/robots.txt":
            return plain(f"{self.robots}\nSitemap: {self.base}/{self.maps[0]}\n")
        if path.endswith(".xml"):
            return self._map(path.strip("/"))
        if not path.endswith("/"):
            return redirect(f"{self.base}{request.target.replace(path, path + '/', 1)}")
        return self._post(path) or self._archive(request)

    def _post(self, path: str) -> Response | None:
        """Answer with a post or one of its pages, None where the path is not one."""
        host = self.hosts[0]
        entry = self.at(host, path)
        if entry is not None:
            return self._article(entry, "1")
        head, _, last = path.strip("/").rpartition("/")
        entry = self.at(host, f"/{head}/") if last.isdigit() else None
        if entry is None:
            return None
        known = last in {str(number) for number in range(2, self.split(entry, self.copy(entry)) + 1)}
        return self._article(entry, last) if known else redirect(entry.url)

    def _article(self, entry: Entry, page: str) -> Response:
        return html(self.article_page(entry, self.shown(entry, page)), modified=entry.modified_at)

    def _archive(self, request: Request) -> Response | None:
        """Answer a list of posts: all, search, tag, category, day, month; as a page or as a feed."""
        path = request.path.rstrip("/")
        feed = path.endswith("/feed") or request.query.get("feed", "") in {"rss2", "rss", "feed"}
        path = path.removesuffix("/feed").removesuffix("/rss2").removesuffix("/feed")
        page = max(request.number("paged", 1), 1)
        if found := _PAGE.search(path):
            page, path = int(found[1]), path[: found.start()]
        words = request.query.get("s")
        if path.startswith("/search/"):
            path, words = "", path.removeprefix("/search/")
        listed = self._listed(path, words)
        if listed is None:
            return None
        title, entries = listed
        shown = entries[(page - 1) * STEP : page * STEP]
        if not shown and page > 1:
            return None
        if feed:
            return self._feed(title, shown)
        base = f"{self.base}{path}"
        pages = -(-len(entries) // STEP)
        tail = f"?s={esc(words)}" if words is not None else ""
        steps = [
            f'<a class="page-numbers" href="{base}/page/{n}/{tail}">{n}</a>'
            for n in range(1, min(pages, 5) + 1)
        ]
        if page < pages:
            steps.append(f'<a class="next page-numbers" href="{base}/page/{page + 1}/{tail}">Berikutnya</a>')
        items = "\n".join(self.list_item(entry) for entry in shown) or "<p>Tidak ada yang ditemukan.</p>"
        pager = f'<nav class="navigation pagination"><div class="nav-links">{"".join(steps)}</div></nav>'
        return html(self.frame(title, "", f'<main id="main">{items}{pager}</main>'))

    def _listed(self, path: str, words: str | None) -> tuple[str, list[Entry]] | None:
        if words is not None:
            return f"Hasil Pencarian untuk: {words}", self.search(words)
        if path == "":
            return self.title, self.newest()
        kind, _, name = path.strip("/").partition("/")
        wanted: Callable[[Entry], bool] | None = None
        if kind == "tag":
            wanted = lambda entry: f"tag/{name}" in entry.lists  # noqa: E731 - one of two filters
        elif kind == "category" and name in {slugify(each) for each in CATEGORIES.values()}:
            wanted = lambda entry: entry.section == name  # noqa: E731 - one of two filters
        if wanted is not None:
            entries = self.newest(None, wanted)
            return (name, entries) if entries or kind == "category" else None
        day = day_of(path.strip("/").replace("/", "-"))
        return (path.strip("/"), self.on_day(day)) if day is not None else None

    def _feed(self, title: str, entries: list[Entry]) -> Response:
        extra = {}
        for entry in entries:
            copy = self.copy(entry)
            content = self.whole_content(entry).replace("<!--nextpage-->", "")
            categories = "".join(
                f"<category><![CDATA[{name}]]></category>" for name in (entry.section, *entry.tags)
            )
            extra[entry.key] = (
                f"<dc:creator><![CDATA[{self.author(copy)}]]></dc:creator>{categories}"
                f"<description><![CDATA[{self.excerpt(copy)}]]></description>"
                f"<content:encoded><![CDATA[{content}]]></content:encoded>"
            )
        return xml(rss_feed(f"{title} - {self.title}", self.base, entries, extra=extra), content_type=RSS)

    def _map(self, name: str) -> Response | None:
        index, posts = self.maps
        if name == index:
            return xml(sitemap_index([f"{self.base}/{posts}"]))
        if name == posts:
            return xml(sitemap((entry.url, iso(entry.modified_at)) for entry in self.newest(2000)))
        return None

    def author(self, copy: Copy) -> str:
        """Return the name that the site shows as author: the reporter, unless it hides them behind a desk."""
        return copy.reporter

    def excerpt(self, copy: Copy) -> str:
        """Return the excerpt: the first words of the text, cut."""
        words = copy.blocks[0].text.split()
        return typeset(" ".join(words[:40]) + (" [&hellip;]" if len(words) > 40 else ""))
