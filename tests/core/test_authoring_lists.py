# ruff: noqa: E501 - markup keeps its lines
"""How a look at a site tells lists, addresses and selectors: by what pages show, without asking for more."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

import pytest
from scrapy.http import HtmlResponse, Request

from crawler.authoring.addresses import looks_like_article, pattern_of
from crawler.authoring.findings import ListFound, Look
from crawler.authoring.indexes import Indexes
from crawler.authoring.listings import article_links, shape_of
from crawler.authoring.marks import SearchForm, declared_feeds, index_links, search_forms, systems, tag_links
from crawler.authoring.selectors import candidates
from crawler.authoring.source import WIDTH, imports_of, ladder_source, rung_source
from crawler.authoring.templates import Paging, day_templates, paging_of, template_of
from crawler.discovery.feed import Feed
from crawler.discovery.listing import Quest, RungError, Window
from crawler.discovery.pages import DatedIndex, NewestPages, Search
from crawler.pages.parse import parse_html
from crawler.pages.site import site_of
from tests.authored import BASE, NOW, Cakrawala
from tests.newsworld.messages import Request as Asked

QUEST = Quest(
    window=Window(NOW - timedelta(days=3), NOW), keywords=("Korea Utara", "Korut"), tags=("korut",), now=NOW
)


class Served:
    """Gives a site's pages without a wire."""

    def __init__(self, site: Cakrawala) -> None:
        self.site = site

    async def page(self, asked: str | Request, *, kind: str = "list") -> HtmlResponse:
        del kind
        request = Request(asked) if isinstance(asked, str) else asked
        url = request.url
        answer = self.site.answer(Asked.of(request.method, url, body=request.body))
        if answer.status != 200:
            raise RungError(f"HTTP {answer.status}")
        return HtmlResponse(url, body=answer.body, request=Request(url))


def found(site: Cakrawala, step: Callable[[Indexes], Awaitable[list[ListFound]]]) -> ListFound:
    async def looked() -> list[ListFound]:
        return await step(Indexes(Served(site), QUEST, looks_like_article, ()))  # type: ignore[arg-type]

    (answer,) = asyncio.run(looked())
    return answer


def form(method: str = "get") -> SearchForm:
    return SearchForm(f"{BASE}/cari", method, "q")


# --- Search


@pytest.mark.parametrize(
    ("search", "said"),
    [("ignores", "a word nobody writes gets the same"), ("script", "or draws by script")],
)
def test_a_search_that_cannot_serve_is_named(search: Literal["ignores", "script"], said: str) -> None:
    site = Cakrawala(search=search)
    answer = found(site, lambda lists: lists.search([form()]))
    assert said in answer.says
    assert answer.rung is None


def test_a_search_is_asked_a_word_of_the_topic_and_one_that_nobody_writes() -> None:
    site = Cakrawala()
    answer = found(site, lambda lists: lists.search([form()]))
    assert isinstance(answer.rung, Search)
    assert (answer.rung.item, answer.rung.template) == (
        "div.kartu",
        f"{BASE}/cari?q={{keyword}}&hal={{page}}",
    )
    assert len(site.asked) == 2


def test_a_search_by_post_is_declared_with_its_form() -> None:
    site = Cakrawala(search="post")
    answer = found(
        site,
        lambda lists: lists.search(
            [SearchForm(f"{BASE}/cari", "post", "q", (("_token", "x"), ("di", "judul")))]
        ),
    )
    assert isinstance(answer.rung, Search)
    assert dict(answer.rung.form) == {"di": "judul", "q": "{keyword}"}
    assert answer.rung.template.startswith(f"{BASE}/cari")


def test_an_archive_that_ignores_the_day_is_no_dated_index() -> None:
    answer = found(Cakrawala(archive="ignores"), lambda lists: lists.archive([f"{BASE}/indeks"]))
    assert not isinstance(answer.rung, DatedIndex)
    assert "could not be asked for a day" in answer.says


def test_a_list_of_all_that_no_day_chooses_is_read_from_the_top() -> None:
    answer = found(Cakrawala(archive="newest"), lambda lists: lists.archive([f"{BASE}/indeks"]))
    assert isinstance(answer.rung, NewestPages)
    assert answer.rung.template == f"{BASE}/indeks?hal={{page}}"
    assert "could not be asked for a day" in answer.says


# --- Lists


def listed(html: str, base: str = f"{BASE}/") -> tuple[str, str, str, str] | None:
    tree = parse_html(html)
    links = article_links(tree, base, looks_like_article)
    shape = shape_of(tree, links, {link.url for link in links}, NOW)
    return (shape.item, shape.link, shape.headline, shape.time) if shape else None


def entries(pattern: str) -> str:
    names = ("harga-beras-naik-lagi", "kapal-baru-tiba-di-ambon", "hujan-turun-tujuh-hari")
    return "".join(
        pattern.format(url=f"/{name}", title=name.replace("-", " "), day=at)
        for at, name in enumerate(names, 1)
    )


@pytest.mark.parametrize(
    ("html", "shape"),
    [
        (
            f"<ul class='daftar'>{entries('<li><h3><a href={url}>{title}</a></h3><time>0{day} Maret 2026</time></li>')}</ul>",
            (".daftar > li", "h3 a[href]", "", "time"),
        ),
        (
            f"<div>{entries('<a class=kabar href={url}><h2>{title}</h2><i class=kapan>0{day} Mar 2026</i></a>')}</div>",
            ("a.kabar", "", "h2", ".kapan"),
        ),
        (
            "<div>"
            + entries(
                "<div class='post post-{day} css-1x{day}'><a href=/kanal>Dunia</a><a class=judul href={url}>{title}</a></div>"
            )
            + "</div>",
            ("div.post", "a.judul[href]", "", ""),
        ),
        (
            f"<ul class='list-3'>{entries('<li><a href={url}>{title}</a></li>')}</ul>",
            (".list-3 > li", "a[href]", "", ""),
        ),
        ("<p><a href=/harga-beras-naik-lagi>satu saja</a></p>", None),
    ],
)
def test_what_holds_an_entry_is_named(html: str, shape: tuple[str, str, str, str] | None) -> None:
    assert listed(f"<html><body>{html}</body></html>") == shape


def test_selectors_never_rest_on_numbers_or_layout() -> None:
    tree = parse_html(
        '<div id="artikel"><div class="col row css-9a clearfix"><p class="fs14">x</p></div></div>'
    )
    found = list(candidates(tree.css_first("p")))
    assert found == ["#artikel p"]


# --- Addresses


@pytest.mark.parametrize(
    ("urls", "matched", "other"),
    [
        (
            [
                "https://a.kabar.co.id/read/2026/03/02/101/judul-satu",
                "https://b.kabar.co.id/read/2025/12/30/99/dua",
            ],
            "https://olahraga.kabar.co.id/read/2019/01/31/7/judul-lain",
            ["https://a.kabar.co.id/read/2026/03/02", "https://kabar.example/read/2026/03/02/101/judul"],
        ),
        (
            [
                "https://www.warta.example/ekonomi/d-7012345/judul",
                "https://www.warta.example/dunia/d-7012346/lain",
            ],
            "https://warta.example/bola/d-1234567/apa-saja",
            ["https://www.warta.example/ekonomi/indeks", "https://x.warta.example/ekonomi/d-7012345/judul"],
        ),
        (
            [
                "https://bola.okeh.example/read/701/15/judul-satu",
                "https://dunia.okeh.example/read/70233/2045/judul-dua",
            ],
            "https://okeh.example/read/9/104/judul-tiga",
            ["https://okeh.example/read/9/104", "https://okeh.example/read/2026-03-02/104/judul-tiga"],
        ),
        (
            [
                "https://suara.example/judul-berita-yang-panjang.html",
                "https://suara.example/satu-dua-tiga.html",
            ],
            "https://www.suara.example/tiga-kata-saja.html",
            ["https://suara.example/redaksi.html", "https://suara.example/tentang-kami"],
        ),
    ],
)
def test_a_pattern_fits_what_it_was_made_of_and_no_list(
    urls: list[str], matched: str, other: list[str]
) -> None:
    pattern = pattern_of(urls, site_of(urls[0].split("/")[2]))
    assert pattern is not None
    assert all(re.match(pattern, url) for url in [*urls, matched])
    assert not any(re.match(pattern, url) for url in other)


def test_no_pattern_is_made_of_nothing() -> None:
    assert pattern_of(["https://elsewhere.example/a-b-c-d"], "kabar.example") is None


# --- Templates


@pytest.mark.parametrize(
    ("url", "hrefs", "paging"),
    [
        ("/cari?q=korut", ["/cari?q=korut&hal=2", "/cari?q=korut&hal=3"], Paging("hal")),
        (
            "/cari?q=korut",
            ["/cari?q=korut&mulai=20", "/cari?q=korut&mulai=40"],
            Paging("mulai", offset=True, step=20),
        ),
        ("/tag/korut/", ["/tag/korut/page/2/", "/tag/korut/page/3/"], Paging("", "/page/")),
        ("/tag/korut", ["/tag/korut?p=0", "/tag/korut?p=1", "/tag/rusia?p=9"], Paging("p", first_page=0)),
        ("/tag/korut", ["/tag/rusia", "/berita/satu"], None),
    ],
)
def test_paging_is_read_from_links_to_further_pages(
    url: str, hrefs: list[str], paging: Paging | None
) -> None:
    page = "".join(f"<a href='{href}'>x</a>" for href in hrefs)
    assert paging_of(parse_html(page), f"{BASE}{url}") == paging


def test_a_template_holds_the_word_and_the_page_and_nothing_open() -> None:
    template = template_of(f"{BASE}/cari?q=korut&set={{x}}", Paging("hal"), {"korut": "{keyword}"})
    assert template.format(keyword="rusia", page=3, offset=0).endswith("/cari?q=rusia&set=%7Bx%7D&hal=3")
    further = template_of(f"{BASE}/tag/korut/", Paging("", "/page/"), {"korut": "{tag}"})
    assert further == f"{BASE}/tag/{{tag}}/page/{{page}}/"


@pytest.mark.parametrize(
    ("page", "template"),
    [
        ("<a href='/indeks/2026-03-01'>1</a>", f"{BASE}/indeks/{{day:%Y-%m-%d}}"),
        ("<a href='/indeks?d=2026-03-01'>1</a>", f"{BASE}/indeks?d={{day:%Y-%m-%d}}"),
        (
            "<form action='/indeks'><select name=tgl></select><select name=bulan></select><select name=tahun></select></form>",
            f"{BASE}/indeks?tgl={{day:%d}}&bulan={{day:%m}}&tahun={{day:%Y}}",
        ),
        ("<form><input type=date name=hari></form>", f"{BASE}/indeks?hari={{day:%Y-%m-%d}}"),
        ("<form><input name=date value='03/04/2026'></form>", f"{BASE}/indeks?date={{day:%m/%d/%Y}}"),
        ("<form method=post><input type=date name=hari></form>", f"{BASE}/indeks?date={{day:%Y-%m-%d}}"),
    ],
)
def test_a_day_is_chosen_as_the_archive_offers_it(page: str, template: str) -> None:
    assert next(day_templates(parse_html(page), f"{BASE}/indeks", NOW.date())) == template


# --- What a page says of its site


def test_marks_of_a_site_are_read() -> None:
    html = """<html><head><meta name="generator" content="Hugo 0.1"><link rel="alternate" type="application/rss+xml"
href="/rss"><link rel="alternate" type="application/rss+xml" href="/comments/feed"></head><body>
<form action="/masuk"><input type="text" name="user"><input type="password" name="pw"></form>
<form action="/cari" class="search"><input type="hidden" name="kanal" value="semua"><input name="kata"></form>
<a href="/indeks-berita">Indeks</a><a href="/tag/kim-jong-un/">Kim</a></body></html>"""
    tree = parse_html(html)
    assert systems(html, tree) == ["Hugo 0.1"]
    assert declared_feeds(tree, BASE) == [f"{BASE}/rss"]
    (search,) = search_forms(tree, BASE)
    assert search.asked("korea utara") == f"{BASE}/cari?kanal=semua&kata=korea+utara"
    assert index_links(tree, BASE) == [f"{BASE}/indeks-berita"]
    assert tag_links(tree, BASE) == [(f"{BASE}/tag/{{tag}}/", "kim-jong-un")]
    theme = '<body class="wp-theme-newkarma"><link href="/wp-content/themes/newkarma/style.css">'
    assert systems(theme, parse_html(theme)) == ["WordPress, theme newkarma"]


# --- Source


def test_the_source_of_a_ladder_is_the_ladder() -> None:
    rungs = (
        Feed(url="https://example.com/rss"),
        Search(
            template="https://example.com/" + "cari?a=b&" * 20 + "q={keyword}",
            item='li[data-x="1"]',
            time="time",
            step=20,
        ),
        DatedIndex(template="https://example.com/{day:%Y}", item="li", may_be_absent=True),
    )
    look = Look(url=BASE, site="example.com")
    look.lists = [ListFound("list", "", "", rung) for rung in rungs]
    lines = ladder_source(look, BASE)
    assert max(map(len, lines)) <= WIDTH - 4
    names: dict[str, object] = {}
    exec("\n".join([*imports_of(map(type, rungs)), *lines]), names)  # noqa: S102 - it is to be Python
    assert names["discovery"] == (rungs[0], rungs[2], rungs[1])


def test_what_a_site_says_stays_a_string() -> None:
    hostile = 'https://example.com/");__import__("os").abort();("\\'
    (line,) = rung_source(Feed(url=hostile))
    assert eval(line, {"Feed": Feed}) == (Feed(url=hostile),)  # noqa: S307 - it is to be Python
