"""What HTML lists may declare of addresses and of pages that stand in for missing ones."""

import pytest

from crawler.discovery.listing import RungError
from crawler.discovery.pages import TagPages
from tests.core.test_discovery import Site, entry, listing, urls, walk

TAGS = TagPages(
    template="https://o.example/tag/{tag}/{page}",
    first="https://o.example/tag/{tag}",
    item="li",
    tags=("korut", "tanpa-berita"),
    may_be_absent=True,
    absent='title:lexbor-contains("Beranda")',
)
FRONT = "<title>Beranda - Kabar</title>" + listing(entry("apa-saja"))


def test_the_first_page_may_have_an_address_of_its_own() -> None:
    pages = {"korut": listing(entry("satu")), "korut/2": listing(entry("dua")), "korut/3": listing()}
    site = Site({f"https://o.example/tag/{path}": page for path, page in pages.items()})
    assert len(urls(walk(TAGS, site))) == 2
    assert site.asked[:3] == [f"https://o.example/tag/{path}" for path in pages]


def test_a_page_that_stands_in_for_a_missing_one_names_nothing() -> None:
    site = Site(
        {"https://o.example/tag/korut": listing(entry("satu")), "https://o.example/tag/tanpa-berita": FRONT}
    )
    pages = walk(TAGS, site)
    assert [url.rpartition("/")[2] for url in urls(pages)] == ["satu"]
    assert pages[-1].reaches_back


def test_an_address_where_every_list_is_missing_is_wrong() -> None:
    site = Site({f"https://o.example/tag/{tag}": FRONT for tag in TAGS.tags})
    with pytest.raises(RungError, match="no page"):
        walk(TAGS, site)


def test_an_item_may_itself_be_the_link() -> None:
    rung = TagPages(
        template="https://o.example/tag/{tag}",
        item="li, body:not(:has(li)) a[href*='/read/']",
        link="a[href*='/read/']",
        tags=("korut",),
    )
    bare = '<div><a href="/read/1">Satu</a></div><a href="/tag/korut">Korut</a>'
    listed = '<ul><li><a href="/foto">F</a><a href="/read/2">Dua</a></li></ul><a href="/read/9">Samping</a>'
    for html, expected in ((bare, ("/read/1", "Satu")), (listed, ("/read/2", "Dua"))):
        (page, _) = walk(rung, Site({"https://o.example/tag/korut": html}))
        assert [(entry.url[17:], entry.headline) for entry in page.entries] == [expected]
