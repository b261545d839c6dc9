"""Rungs read the lists that outlets really serve, and the ladder climbs no further than it must."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import HtmlResponse, Request, Response, TextResponse, XmlResponse

from crawler.dates import WIB
from crawler.discovery.arguments import read_limit, read_window
from crawler.discovery.feed import Feed
from crawler.discovery.ladder import Ladder, Past
from crawler.discovery.listing import ListPage, Quest, Rung, RungError, Window
from crawler.discovery.pages import NONSENSE, DatedIndex, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.discovery.wordpress import WordPressSearch
from crawler.errors import ConfigError
from crawler.items import Instant

NOW = datetime(2026, 3, 8, 12, tzinfo=WIB)
WINDOW = Window(datetime(2026, 3, 5, tzinfo=WIB), datetime(2026, 3, 9, tzinfo=WIB))
QUEST = Quest(window=WINDOW, keywords=("korea utara",), tags=("korut",), now=NOW, max_pages=10)


class Site:
    """Answers from a table of addresses and remembers what it was asked."""

    def __init__(self, pages: Mapping[str, Response | str], cls: type[TextResponse] = HtmlResponse) -> None:
        self.pages = pages
        self.cls = cls
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request.url)
        page = self.pages.get(request.url)
        if page is None:
            return self.cls(request.url, status=404)
        return page if isinstance(page, Response) else self.cls(request.url, body=page, encoding="utf-8")


def walk(rung: Rung, site: Site, quest: Quest = QUEST) -> list[ListPage]:
    async def collect() -> list[ListPage]:
        return [page async for page in rung.walk(site, quest)]

    return asyncio.run(collect())


def urls(pages: list[ListPage]) -> list[str]:
    return [entry.url for page in pages for entry in page.entries]


NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://x/image">
<url><loc><![CDATA[https://o.example/news/satu]]></loc><news:news>
 <news:publication><news:name>O</news:name></news:publication>
 <news:publication_date>2026-03-07T09:30:00+07:00</news:publication_date>
 <news:title>Judul &amp; satu</news:title><news:keywords>rusia, korut</news:keywords></news:news>
 <image:image><image:loc>https://o.example/gambar.jpg</image:loc>
 <image:title>bukan judul</image:title></image:image></url>
<url><loc>https://o.example/news/dua</loc><lastmod>2026-03-04T01:00:00+07:00</lastmod></url></urlset>"""


def test_a_news_sitemap_gives_address_time_headline_and_keywords() -> None:
    pages = walk(Sitemap(url="https://o.example/s.xml"), Site({"https://o.example/s.xml": NEWS}, XmlResponse))
    first, second = pages[0].entries
    assert (first.url, first.headline, first.keywords) == (
        "https://o.example/news/satu",
        "Judul & satu",
        "rusia, korut",
    )
    assert first.published_at is not None
    assert first.published_at.at == datetime(2026, 3, 7, 9, 30, tzinfo=WIB)
    assert second.headline is None
    assert pages[-1].reaches_back  # its oldest entry lies before the window


def test_a_sitemap_index_is_followed_by_pattern_and_date_and_never_in_circles() -> None:
    index = """<sitemapindex><sitemap><loc>https://o.example/news-1.xml</loc><lastmod>2026-03-07</lastmod></sitemap>
    <sitemap><loc>https://o.example/news-0.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
    <sitemap><loc>https://o.example/video.xml</loc></sitemap>
    <sitemap><loc>https://o.example/s.xml</loc></sitemap></sitemapindex>"""
    site = Site({"https://o.example/s.xml": index, "https://o.example/news-1.xml": NEWS}, XmlResponse)
    pages = walk(Sitemap(url="https://o.example/s.xml", follow="/news-"), site)
    assert site.asked == ["https://o.example/s.xml", "https://o.example/news-1.xml"]
    assert len(urls(pages)) == 2


def test_a_sitemap_index_reaches_back_only_where_all_its_sitemaps_do() -> None:
    index = """<sitemapindex><sitemap><loc>https://o.example/a.xml</loc></sitemap>
    <sitemap><loc>https://o.example/b.xml</loc></sitemap></sitemapindex>"""
    fresh = NEWS.replace("2026-03-04", "2026-03-08")
    pages = {
        "https://o.example/s.xml": index,
        "https://o.example/a.xml": NEWS,
        "https://o.example/b.xml": fresh,
    }
    assert not any(
        page.reaches_back for page in walk(Sitemap(url="https://o.example/s.xml"), Site(pages, XmlResponse))
    )


@pytest.mark.parametrize("body", ["<html><body>Sedang dalam perbaikan</body></html>", "", "{}"])
def test_what_is_no_sitemap_fails_by_name(body: str) -> None:
    with pytest.raises(RungError, match="not a sitemap"):
        walk(Sitemap(url="https://o.example/s.xml"), Site({"https://o.example/s.xml": body}, XmlResponse))


def test_a_sitemap_cut_in_the_middle_still_gives_its_whole_entries() -> None:
    cut = NEWS[: NEWS.index("<lastmod>")]
    pages = walk(Sitemap(url="https://o.example/s.xml"), Site({"https://o.example/s.xml": cut}, XmlResponse))
    assert urls(pages)[0] == "https://o.example/news/satu"


def test_entities_in_a_sitemap_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + NEWS.partition("?>")[2].replace("Judul", "&a;")
    pages = walk(Sitemap(url="https://o.example/s.xml"), Site({"https://o.example/s.xml": bomb}, XmlResponse))
    assert not any("aaaa" in (entry.headline or "") for page in pages for entry in page.entries)


def test_a_feed_gives_link_headline_and_instant() -> None:
    feed = """<?xml version="1.0"?><rss version="2.0"><channel><title>O</title>
    <item><title>Kim tiba di Vladivostok</title><link>https://o.example/a</link><author>x@y.z (N)</author>
    <pubDate>Sat, 07 Mar 2026 09:30:00 +0700</pubDate><category>Dunia</category></item>
    <item><title>Tanpa tautan</title></item></channel></rss>"""
    page = walk(Feed(url="https://o.example/f"), Site({"https://o.example/f": feed}, XmlResponse))[0]
    (entry,) = page.entries
    assert entry.headline == "Kim tiba di Vladivostok"
    assert entry.published_at is not None
    assert entry.published_at.utc == datetime(2026, 3, 7, 2, 30, tzinfo=UTC)
    assert entry.keywords == "Dunia"


def test_html_in_place_of_a_feed_fails_by_name() -> None:
    with pytest.raises(RungError, match="not a feed"):
        walk(Feed(url="https://o.example/f"), Site({"https://o.example/f": "<html><p>Halo</p></html>"}))


INDEX = DatedIndex(
    template="https://o.example/indeks?d={day.day}&m={day.month}&y={day.year}&o={offset}",
    item="li.berita",
    link="h1 a",
    headline="h1 a",
    time=".waktu",
    step=2,
)


def entry(slug: str, time: str = "") -> str:
    link = f'<h1><a href="//o.example/{slug}">Judul {slug}</a></h1>'
    return f'<li class="berita">{link}<i class="waktu">{time}</i></li>'


def listing(*entries: str) -> str:
    return f"<html><a href='/samping'>Samping</a><ul>{''.join(entries)}</ul></html>"


def test_a_dated_index_reads_each_day_to_its_end_newest_first() -> None:
    def day(number: int, offset: int) -> str:
        return f"https://o.example/indeks?d={number}&m=3&y=2026&o={offset}"

    site = Site(
        {
            day(8, 0): listing(entry("a"), entry("b")),
            day(8, 2): listing(entry("c", "Minggu, 08 Maret 2026 | 01:10 WIB")),
            day(8, 4): listing(),
            day(7, 0): listing(entry("d")),
            day(7, 2): listing(entry("d")),  # the site repeats its last page for ever
            day(6, 0): listing(),
            day(5, 0): listing(entry("e")),
            day(5, 2): listing(),
        }
    )
    pages = walk(INDEX, site)
    assert urls(pages) == [f"https://o.example/{slug}" for slug in "abcdde"]
    assert pages[-1].reaches_back
    assert pages[1].entries[0].published_at == Instant(datetime(2026, 3, 8, 1, 10, tzinfo=WIB))


def test_a_spent_page_budget_does_not_count_as_reaching_back() -> None:
    class Endless(Site):
        async def __call__(self, request: Request) -> Response:
            self.asked.append(request.url)
            return HtmlResponse(request.url, body=listing(entry(str(len(self.asked)))), encoding="utf-8")

    site = Endless({})
    pages = walk(INDEX, site)
    assert len(site.asked) == QUEST.max_pages
    assert not any(page.reaches_back for page in pages)


SEARCH = Search(
    template="https://o.example/cari?q={keyword}&dari={since:%Y-%m-%d}&sampai={until:%Y-%m-%d}&hal={page}",
    item="li.berita",
    time=".waktu",
)


def test_a_search_asks_for_each_word_in_the_window_until_nothing_is_new() -> None:
    base = "https://o.example/cari?q=korea+utara&dari=2026-03-05&sampai=2026-03-08&hal="
    site = Site(
        {base + "1": listing(entry("a"), entry("b")), base + "2": listing(entry("c")), base + "3": listing()}
    )
    pages = walk(SEARCH, site)
    assert urls(pages) == [f"https://o.example/{slug}" for slug in "abc"]
    assert pages[-1].reaches_back


def test_a_bare_day_at_the_start_of_the_window_ends_no_search() -> None:
    base = "https://o.example/cari?q=korea+utara&dari=2026-03-05&sampai=2026-03-08&hal="
    first_day, day_before = "Kamis, 5 Maret 2026", "Rabu, 4 Maret 2026"
    site = Site({base + "1": listing(entry("a", first_day)), base + "2": listing(entry("b", day_before))})
    assert urls(walk(SEARCH, site)) == ["https://o.example/a", "https://o.example/b"]
    assert base + "3" not in site.asked


def test_relative_times_in_a_list_count_from_the_present() -> None:
    base = "https://o.example/cari?q=korea+utara&dari=2026-03-05&sampai=2026-03-08&hal="
    site = Site({base + "1": listing(entry("a", "2 jam yang lalu")), base + "2": listing()})
    instant = walk(SEARCH, site)[0].entries[0].published_at
    assert instant is not None
    assert instant.at == NOW - timedelta(hours=2)


def test_a_tag_page_without_paging_is_read_once() -> None:
    site = Site({"https://o.example/tag/korut": listing(entry("a"))})
    pages = walk(TagPages(template="https://o.example/tag/{tag}", item="li.berita"), site)
    assert site.asked == ["https://o.example/tag/korut"]
    assert urls(pages) == ["https://o.example/a"]


def rest(site: str, page: int, word: str = "korea+utara") -> str:
    return (
        f"{site}/wp-json/wp/v2/posts?search={word}&after=2026-03-05T00%3A00%3A00&before=2026-03-09T23%3A59%3A59"
        f"&per_page=100&page={page}&orderby=date&_fields=link%2Cdate_gmt%2Ctitle"
    )


def posts(count: int, start: int = 0) -> str:
    return json.dumps(
        [
            {
                "link": f"https://w.example/{start + number}/",
                "date_gmt": "2026-03-07T02:30:00",
                "title": {"rendered": "Kim &#8211; Putin"},
            }
            for number in range(count)
        ]
    )


def test_wordpress_posts_come_page_by_page_with_plain_headlines() -> None:
    site = Site(
        {rest("https://w.example", 1): posts(100), rest("https://w.example", 2): posts(3, 100)}, TextResponse
    )
    pages = walk(WordPressSearch(site="https://w.example"), site)
    assert len(urls(pages)) == 103
    assert pages[0].entries[0].headline == "Kim – Putin"
    assert pages[-1].reaches_back


def test_a_last_wordpress_page_that_is_full_ends_at_the_refusal_after_it() -> None:
    past = TextResponse("https://w.example", status=400, body=b'{"code":"rest_post_invalid_page_number"}')
    site = Site({rest("https://w.example", 1): posts(100), rest("https://w.example", 2): past}, TextResponse)
    assert walk(WordPressSearch(site="https://w.example"), site)[-1].reaches_back


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_closed_wordpress_interface_fails_by_name(status: int) -> None:
    site = Site({rest("https://w.example", 1): TextResponse("https://w.example", status=status)})
    with pytest.raises(RungError, match=f"HTTP {status}"):
        walk(WordPressSearch(site="https://w.example"), site)


@pytest.mark.parametrize("body", ["<html>", "{}", '[{"link": 1}]', "[" * 100_000])
def test_what_is_no_list_of_posts_fails_by_name(body: str) -> None:
    site = Site({rest("https://w.example", 1): body}, TextResponse)
    with pytest.raises(RungError, match="not a list of posts"):
        walk(WordPressSearch(site="https://w.example"), site)


class Checked(Past):
    """Remembers the verdicts on searches."""

    def __init__(self, honest: bool | None) -> None:
        self.honest = honest
        self.verdicts: list[bool] = []

    async def standing(self, rung: Rung) -> bool | None:
        del rung
        return self.honest

    async def judged(self, rung: Rung, *, honest: bool) -> None:
        del rung
        self.verdicts.append(honest)


def climb(rungs: list[Rung], site: Site, honest: bool | None = None) -> tuple[Ladder, list[bool]]:
    past = Checked(honest)

    async def run() -> Ladder:
        ladder = Ladder(rungs)
        async for _ in ladder.climb(site, QUEST, past):
            pass
        return ladder

    return asyncio.run(run()), past.verdicts


def test_a_listing_that_reaches_back_spares_the_listings_below_it_but_no_search() -> None:
    searched = SEARCH.page_url(
        0, keyword="korea+utara", since=WINDOW.since, until=datetime(2026, 3, 8, tzinfo=WIB)
    )
    site = Site({"https://o.example/s.xml": NEWS, searched: listing()}, XmlResponse)
    ladder, _ = climb([Sitemap(url="https://o.example/s.xml"), INDEX, SEARCH], site, honest=True)
    assert site.asked == ["https://o.example/s.xml", searched]
    assert not ladder.uncovered


def test_a_rung_covers_its_own_section_only() -> None:
    site = Site({"https://o.example/s.xml": NEWS, "https://o.example/solo.xml": NEWS}, XmlResponse)
    rungs = [
        Sitemap(url="https://o.example/s.xml"),
        Sitemap(url="https://o.example/solo.xml", section="solo"),
    ]
    climb(list(rungs), site)
    assert site.asked == ["https://o.example/s.xml", "https://o.example/solo.xml"]


def test_a_failing_rung_is_named_and_the_next_one_climbed() -> None:
    site = Site({"https://o.example/zwei.xml": NEWS}, XmlResponse)
    ladder, _ = climb(
        [Sitemap(url="https://o.example/eins.xml"), Sitemap(url="https://o.example/zwei.xml")], site
    )
    assert ladder.failures == ["sitemap https://o.example/eins.xml: HTTP 404 from https://o.example/eins.xml"]
    assert not ladder.uncovered


@pytest.mark.parametrize("ignores", [True, False])
def test_a_search_that_answers_nonsense_is_not_used(ignores: bool) -> None:
    class Answering(Site):
        async def __call__(self, request: Request) -> Response:
            self.asked.append(request.url)
            found = "q=korea" in request.url and request.url.endswith("=1")
            nonsense = NONSENSE in request.url and ignores
            return HtmlResponse(
                request.url, body=listing(entry("a")) if found or nonsense else listing(), encoding="utf-8"
            )

    site = Answering({})
    ladder, judged = climb([SEARCH], site)
    assert judged == [not ignores]
    assert bool(ladder.failures) is ignores
    assert any("korea" in url for url in site.asked) is not ignores


def test_the_window_runs_from_midnight_to_midnight_of_the_outlets_zone() -> None:
    window = read_window("2026-03-02", "2026-03-03", NOW, 3, WIB)
    assert window == Window(datetime(2026, 3, 2, tzinfo=WIB), datetime(2026, 3, 4, tzinfo=WIB))
    assert read_window(None, None, NOW, 3, WIB) == Window(WINDOW.since, WINDOW.until)


def test_a_day_belongs_to_a_window_that_holds_an_hour_of_it() -> None:
    since_noon = Window(datetime(2026, 3, 5, 12, tzinfo=WIB), WINDOW.until)
    assert since_noon.holds(Instant(datetime(2026, 3, 5, tzinfo=WIB), "day"))
    assert not since_noon.holds(Instant(datetime(2026, 3, 5, 11, 59, tzinfo=WIB)))
    assert not since_noon.holds(Instant(datetime(2026, 3, 9, tzinfo=WIB)))


@pytest.mark.parametrize(
    ("since", "until", "complaint"),
    [
        ("kemarin", None, "since: 'kemarin' is not a day; write it as in 2026-03-02"),
        ("2026-02-30", None, "is not a day"),
        ("9999-12-31", None, "give a year of 1990 to 2100"),
        (None, "2026/03/01", "until: '2026/03/01' is not a day"),
        ("2026-03-09", "2026-03-08", "is after until"),
    ],
)
def test_a_window_that_cannot_be_is_refused(since: str | None, until: str | None, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_window(since, until, NOW, 3, WIB)


@pytest.mark.parametrize("limit", ["0", "-3", "banyak", "1.5"])
def test_a_limit_must_be_a_positive_number(limit: str) -> None:
    with pytest.raises(ConfigError, match="limit"):
        read_limit(limit)
