"""Further parts are links to the same address with a page number, and nothing else is one."""

# ruff: noqa: E501 - markup and cases stay on one line each

import pytest

from crawler.pages.pager import Pager, find_pager, whole_url
from crawler.pages.parse import parse_html

URL = "https://contoh.id/news/garam-merbau"


def pager(html: str, url: str | None = URL) -> Pager:
    return find_pager(parse_html(f"<div>{html}</div>"), url)


def offsets(*links: str) -> str:
    """Return a pager from links as `/5 2`: what the address ends in, and what the link is called."""
    parts = (link.split(" ") for link in links)
    return f'<div class="paging">{"".join(f"<a href={URL}{end}>{name}</a>" for end, name in parts)}</div>'


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ("", URL, Pager()),
        ('<a href="?page=2">2</a><a href="?page=3">3</a>', URL, Pager(1, (f"{URL}?page=2", f"{URL}?page=3"), 3)),
        ('<a href="/news/garam-merbau?page=2#isi">Lanjut</a>', URL, Pager(1, (f"{URL}?page=2",), 2)),
        ('<a href="?page=1">1</a><a href="?page=3">3</a>', f"{URL}?page=2", Pager(2, (f"{URL}?page=3",), 3)),
        ('<a href="?page=1">1</a>', f"{URL}?page=2", Pager(2, (), 2)),
        ('<a href="?page=all">Semua</a><a href="?page=komentar">1</a>', URL, Pager()),
        ('<a href="/news/lain?page=2">2</a><a href="https://lain.id/news/garam-merbau?page=2">2</a>', URL, Pager()),
        ('<a href="?id=7&page=2">2</a>', f"{URL}?id=7", Pager(1, (f"{URL}?id=7&page=2",), 2)),
        ('<div class="page-links"><a href="/news/garam-merbau/2/">2</a></div>', f"{URL}/", Pager(1, (f"{URL}/2/",), 2)),
        ('<div class="page-links"><a href="/news/garam-merbau/">1</a><a href="/news/garam-merbau/3/">3</a></div>', f"{URL}/2/", Pager(2, (f"{URL}/3/",), 3)),
        ('<div class="pagination"><a href="/news/garam-merbau-part2">2</a></div>', URL, Pager(1, (f"{URL}-part2",), 2)),
        ('<div class="pagination"><a href="/news/garam-merbau">1</a><a href="/news/garam-merbau-part3">3</a></div>', f"{URL}-part2", Pager(2, (f"{URL}-part3",), 3)),
        ('<a rel="next" href="/news/garam-merbau-part-2">Kisah kedua</a>', URL, Pager()),
        ('<div class="pagination"><a href="/news/lain/2">x</a></div>', f"{URL}/77", Pager()),
        ('<a href="?page=2">2</a><a href="?page=77">77</a>', URL, Pager(1, (f"{URL}?page=2",), 2)),
        ('<link rel="next" href="?page=2">', URL, Pager(1, (f"{URL}?page=2",), 2)),
        ('<a rel="next" href="/news/berita-berikut">Berita berikut</a>', URL, Pager()),
        ('<div data-total-pages="3"></div>', URL, Pager(1, (f"{URL}?page=2", f"{URL}?page=3"), 3)),
        ('<div data-total-pages="999999"></div><a href="?page=99999">x</a><a href="http://[">x</a>', URL, Pager()),
        ('<a href="?page=2">2</a>', None, Pager()),
        ('<p class="lanjut"><a href="https://contoh.id/news/garam-merbau/2">Selanjutnya</a></p>', URL, Pager(1, (f"{URL}/2",), 2)),
        ('<b><a href="/news/garam-merbau">1</a><a href=" /news/garam-merbau/3?x#isi">3</a></b>', f"{URL}/2", Pager(2, (f"{URL}/3?x",), 3)),
        ('<a href="/news/garam-merbau/312">x</a><a href="/news/garam/2">x</a><a href="/news/garam-merbau/2/foto">x</a>', URL, Pager()),
        ('<a href="/dunia/2">2</a>', "https://contoh.id/dunia", Pager()),
        (offsets("/5 2"), URL, Pager(1, (f"{URL}/5",), 2)),
        (offsets("/10 2", "/20 3", "/10 >"), URL, Pager(1, (f"{URL}/10", f"{URL}/20"), 3)),
        (offsets("/5 2", "/10 3", "/35 8"), URL, Pager(1, tuple(f"{URL}/{5 * part}" for part in range(1, 8)), 8)),
        (offsets(" 1", "/5 2", "/15 4"), f"{URL}/10", Pager(3, (f"{URL}/15",), 4)),
        (offsets("/1 2", "/2 3"), URL, Pager(1, (f"{URL}/1", f"{URL}/2"), 3)),
        (offsets("/1 2", "/2 3"), f"{URL}/1", Pager(2, (f"{URL}/2",), 3)),
        (offsets("/5 99"), URL, Pager(1, (f"{URL}/5",), 5)),
        ('<div class="paging"><a href="/news/garam-merbau/5" data-ci-pagination-page="2">›</a></div>', URL, Pager(1, (f"{URL}/5",), 2)),
    ],
)  # fmt: skip
def test_parts(html: str, url: str | None, expected: Pager) -> None:
    assert pager(html, url) == expected
    assert expected.is_split == (expected.last > 1)


@pytest.mark.parametrize(
    ("url", "query", "expected"),
    [
        (URL, "page=all", f"{URL}?page=all"),
        (f"{URL}?page=2&x=1#isi", "page=all", f"{URL}?x=1&page=all"),
        (f"{URL}?single=0", "single=1", f"{URL}?single=1"),
    ],
)
def test_the_address_of_the_whole(url: str, query: str, expected: str) -> None:
    assert whole_url(url, query) == expected


@pytest.mark.parametrize(
    ("href", "url", "expected"),
    [
        (f"{URL}?showpage=all", URL, True),
        ("?x=1&showpage=all#isi", f"{URL}/", True),
        (f"{URL}?showpage=all", f"{URL}?showpage=all", False),
        ("/news/lain?showpage=all", URL, False),
        ("https://lain.id/news/garam-merbau?showpage=all", URL, False),
        (f"{URL}?showpage=allan", URL, False),
        ("http://[?showpage=all", URL, False),
        (f"{URL}?showpage=all", None, False),
    ],
)
def test_a_link_to_the_whole_says_that_there_is_more(href: str, url: str | None, expected: bool) -> None:
    tree = parse_html(f"<div><a href='{href}'>Baca Selengkapnya</a></div>")
    assert find_pager(tree, url, "showpage=all").is_split is expected
    assert not find_pager(tree, url).is_split
