"""Rungs read the lists that outlets really serve, and the ladder climbs no further than it must."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from scrapy.http import HtmlResponse, Request, Response, XmlResponse

from crawler.dates import WIB
from crawler.discovery.feed import Feed
from crawler.discovery.ladder import Ladder, Past
from crawler.discovery.listing import Rung, RungError, Watch
from crawler.discovery.pages import NONSENSE, DatedIndex, NewestPages, Search, TagPages
from crawler.discovery.sitemap import Sitemap
from crawler.items import Instant
from tests.core.lists import NOW, QUEST, WINDOW, Site, urls, walk

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


FEW_DAYS = attrs.evolve(SEARCH, most_days=2)


def few_days(since: int, until: int, page: int = 1) -> str:
    days = {"since": date(2026, 3, since), "until": date(2026, 3, until)}
    return FEW_DAYS.page_url(page - 1, keyword="korea utara", **days)


def test_a_search_that_shows_only_so_much_is_asked_for_few_days_at_a_time() -> None:
    site = Site(
        {
            few_days(7, 8): listing(entry("a"), entry("b")),
            few_days(7, 8, page=2): listing(),
            few_days(5, 6): listing(entry("c")),
        }
    )
    pages = walk(FEW_DAYS, site)
    assert urls(pages) == [f"https://o.example/{slug}" for slug in "abc"]
    assert site.asked[0] == few_days(7, 8)
    assert pages[-1].reaches_back


def test_days_of_a_search_that_are_long_over_are_not_asked_for_again() -> None:
    class Settled(Watch):
        async def is_settled(self, series: str, over_at: datetime) -> bool:
            return "2026-03-05" in series and over_at == datetime(2026, 3, 8, tzinfo=WIB)

    site = Site({few_days(7, 8): listing()})
    pages = walk(FEW_DAYS, site, attrs.evolve(QUEST, watch=Settled()))
    assert site.asked == [few_days(7, 8)]
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


NEWEST = NewestPages(template="https://o.example/terkini?hal={page}", item="li.berita", time=".waktu")
LATE, EARLY = "Sabtu, 7 Maret 2026 10:00 WIB", "Rabu, 4 Maret 2026 10:00 WIB"


def test_a_list_of_the_newest_is_followed_down_to_the_window() -> None:
    site = Site(
        {
            "https://o.example/terkini?hal=1": listing(entry("a", LATE)),
            "https://o.example/terkini?hal=2": listing(entry("b", LATE), entry("c", EARLY)),
            "https://o.example/terkini?hal=3": listing(entry("d", EARLY)),
        }
    )
    pages = walk(NEWEST, site)
    assert urls(pages) == [f"https://o.example/{slug}" for slug in "abc"]
    assert pages[-1].reaches_back


@pytest.mark.parametrize("last", [listing(entry("a", LATE)), listing(), None])
def test_a_list_of_the_newest_that_ends_above_the_window_does_not_cover_it(last: str | None) -> None:
    first = {"https://o.example/terkini?hal=1": listing(entry("a", LATE))}
    site = Site(first | ({"https://o.example/terkini?hal=2": last} if last else {}))
    pages = walk(NEWEST, site)
    assert urls(pages)[0] == "https://o.example/a"
    assert len(site.asked) == 2
    assert not any(page.reaches_back for page in pages)


@pytest.mark.parametrize(
    ("shown", "exact"),
    [
        ('<span d-time="1772935200" title="Minggu, 08 Mar 2026 09:00 WIB">3 jam yang lalu</span>', (9, 0)),
        ('detikNews | <span d-time="1772935260">3 jam yang lalu</span>', (9, 1)),
        ("Internasional • 3 jam yang lalu <!-- 2026-03-08 09:02:17 -->", (9, 2)),
        ('<time datetime="2026-03-08T02:03:00Z">Minggu, 8 Maret 2026</time>', (9, 3)),
        ('<b title="2026-03-08T09:00:00+07:00">8 Maret 2026 09:04 WIB</b>', (9, 4)),
        ('<b title="Rapat ditunda">3 jam yang lalu</b><!-- iklan -->', (9, 0)),
        ('<b data-time="1772">3 jam yang lalu</b>', (9, 0)),
    ],
    ids=["title", "epoch", "comment", "datetime", "printed-minute-wins", "no-time", "no-epoch"],
)
def test_the_exact_time_behind_a_loose_one_counts(shown: str, exact: tuple[int, int]) -> None:
    base = "https://o.example/cari?q=korea+utara&dari=2026-03-05&sampai=2026-03-08&hal="
    site = Site({base + "1": listing(entry("a", shown)), base + "2": listing()})
    instant = walk(SEARCH, site)[0].entries[0].published_at
    assert instant is not None
    assert instant.at.astimezone(WIB).replace(second=0) == datetime(2026, 3, 8, *exact, tzinfo=WIB)


def test_a_comment_behind_the_time_counts_and_the_next_entry_does_not() -> None:
    base = "https://o.example/cari?q=korea+utara&dari=2026-03-05&sampai=2026-03-08&hal="
    loose = '<li class="berita"><a href="/{}">Judul</a><i class="waktu">baru saja</i>{}</li>'
    first = loose.format("a", " <!-- 2026-03-08 11:58:00 -->")
    other = loose.format("b", '<u title="2026-03-01 10:00">Buka</u>')
    site = Site({base + "1": listing(first, other), base + "2": listing()})
    times = [each.published_at.at for each in walk(SEARCH, site)[0].entries if each.published_at]
    assert times == [datetime(2026, 3, 8, 11, 58, tzinfo=WIB), NOW]


def test_a_tag_page_without_paging_is_read_once() -> None:
    site = Site({"https://o.example/tag/korut": listing(entry("a"))})
    pages = walk(TagPages(template="https://o.example/tag/{tag}", item="li.berita"), site)
    assert site.asked == ["https://o.example/tag/korut"]
    assert urls(pages) == ["https://o.example/a"]


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
        0, keyword="korea utara", since=WINDOW.since, until=datetime(2026, 3, 8, tzinfo=WIB)
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
