"""Addresses: one reading, one spelling, one identity."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hyperlink import URL
from hypothesis import given
from hypothesis import strategies as st
from twisted.web.client import URI
from w3lib.url import safe_url_string

from crawler.errors import CrawlerError
from crawler.urls import MAX_URL_LENGTH, UrlError, canonical_url, fetch_url, host_of, host_within, url_key

HOSTILE = [
    line.encode().decode("unicode_escape")
    for line in (Path(__file__).parent / "data" / "hostile-urls.txt").read_text(encoding="ascii").splitlines()
]


def cleaned(url: str) -> str | None:
    try:
        return fetch_url(url)
    except UrlError:
        return None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Kabar.Contoh.ID/Berita/Satu", "https://kabar.contoh.id/Berita/Satu"),
        ("http://contoh.id:80", "http://contoh.id/"),
        ("https://contoh.id:443/a", "https://contoh.id/a"),
        ("https://contoh.id:/a", "https://contoh.id/a"),
        ("https://contoh.id:8443/a", "https://contoh.id:8443/a"),
        ("https://contoh.id./a", "https://contoh.id/a"),
        ("https://contoh.id/a#komentar", "https://contoh.id/a"),
        ("https://contoh.id/a?utm_source=x&utm_medium=y&fbclid=1&source=z", "https://contoh.id/a"),
        ("https://contoh.id/a?UTM_Campaign=x&id=7", "https://contoh.id/a?id=7"),
        ("https://contoh.id/a?c=3&a=1&b=2&a=1", "https://contoh.id/a?a=1&b=2&c=3"),
        ("https://contoh.id/a?page=all", "https://contoh.id/a"),
        ("https://contoh.id/a?page=2&lang=id", "https://contoh.id/a?lang=id"),
        ("https://contoh.id/a?page=kontak", "https://contoh.id/a?page=kontak"),
        ("https://contoh.id/a?single=1", "https://contoh.id/a"),
        ("https://contoh.id/a?showpage=all", "https://contoh.id/a"),
        ("https://contoh.id/a?page=all&s=paging_new", "https://contoh.id/a"),
        ("https://contoh.id/?s=korea+utara", "https://contoh.id/?s=korea+utara"),
        ("https://contoh.id/?p=1204", "https://contoh.id/?p=1204"),
        ("https://contoh.id/berita//s1abcd/judul", "https://contoh.id/berita/s1abcd/judul"),
        ("https://contoh.id/a/./b/../c", "https://contoh.id/a/c"),
        ("https://contoh.id/a/%2e%2E/b", "https://contoh.id/b"),
        ("https://contoh.id/../../a", "https://contoh.id/a"),
        ("https://contoh.id/a/..", "https://contoh.id/"),
        ("https://contoh.id/%7euser/%41%c3%a9", "https://contoh.id/~user/A%C3%A9"),
        ("https://contoh.id/judul é?q=rusia utara", "https://contoh.id/judul%20%C3%A9?q=rusia%20utara"),
        ("https://contoh.id/100%", "https://contoh.id/100%25"),
        ("  https://contoh.id/a\n", "https://contoh.id/a"),
        ("https://bücher.contoh.id/", "https://xn--bcher-kva.contoh.id/"),
        ("http://[2001:0DB8:0:0::1]:80/", "http://[2001:db8::1]/"),
    ],
)
def test_canonical_form(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://Contoh.id/a//b?page=all&b=2&a=1#x", "https://contoh.id/a//b?page=all&b=2&a=1"),
        ("https://contoh.id/a?utm_source=x", "https://contoh.id/a?utm_source=x"),
        ("https://contoh.id/a/?", "https://contoh.id/a/"),
        ("https://contoh.id/a?q='b'", "https://contoh.id/a?q=%27b%27"),
    ],
)
def test_what_is_fetched_keeps_its_parameters(url, fetched):
    assert fetch_url(url) == fetched


SAME = [
    "https://www.contoh.id/berita/satu",
    "http://www.contoh.id/berita/satu",
    "https://contoh.id/berita/satu",
    "https://contoh.id/berita/satu/",
    "https://m.contoh.id/berita/satu",
    "https://WWW.contoh.id//berita/satu?page=2&utm_source=wa#atas",
]


def test_one_article_has_one_key():
    assert len({url_key(url) for url in SAME}) == 1
    assert re.fullmatch(r"[0-9a-f]{64}", url_key(SAME[0]))


@pytest.mark.parametrize(
    "other",
    [
        "https://contoh.id/berita/Satu",
        "https://contoh.id/berita/satu?id=2",
        "https://contoh.id/berita/dua",
        "https://bali.contoh.id/berita/satu",
        "https://contoh.co.id/berita/satu",
        "https://contoh.id:8080/berita/satu",
    ],
)
def test_other_articles_have_other_keys(other):
    assert url_key(other) != url_key(SAME[0])


def test_a_host_called_m_keeps_its_name():
    assert url_key("https://m.id/a") != url_key("https://id/a")
    assert url_key("https://www.id/a") != url_key("https://id/a")


@pytest.mark.parametrize(
    "scheme",
    [
        "file",
        "data",
        "javascript",
        "blob",
        "ftp",
        "s3",
        "gopher",
        "chrome",
        "view-source",
        "ws",
        "wss",
        "about",
        "mailto",
    ],
)
@pytest.mark.parametrize("form", ["{}://contoh.id/a", "{}:contoh.id", "{}:///etc/passwd", " {}:alert(1)"])
def test_other_schemes_are_refused(scheme, form):
    for function in (canonical_url, fetch_url, url_key, host_of):
        with pytest.raises(UrlError, match="http"):
            function(form.format(scheme))


def test_the_error_is_one_short_line_of_ours():
    with pytest.raises(CrawlerError) as caught:
        canonical_url("ftp://contoh.id/\r\n\x1b[2J" + "a" * 1000)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300


@pytest.mark.parametrize("size", [3_000, 64_000, 1_000_000])
def test_long_addresses_are_refused(size):
    with pytest.raises(UrlError, match="longer than"):
        canonical_url("https://contoh.id/" + "a" * size)


def test_an_address_that_grows_past_the_limit_is_refused():
    with pytest.raises(UrlError, match="longer than"):
        canonical_url("https://contoh.id/" + "é" * 400)
    assert len(canonical_url("https://contoh.id/" + "é" * 300)) <= MAX_URL_LENGTH


def test_hostile_spellings_are_enough():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("url", HOSTILE, ids=ascii)
def test_hostile_spellings_are_refused_or_read_alike_by_everyone(url):
    form = cleaned(url)
    if form is None:
        return
    host = host_of(url)
    assert host.isascii()
    assert (
        "evil" not in host or "evil" in urlsplit(url.replace("\\", "/")).netloc.rpartition("@")[2].casefold()
    )
    assert urlsplit(form).netloc.partition(":")[0] == host or host.startswith("[")
    assert urlsplit(form).hostname == host.strip("[]")
    assert URL.from_text(form).host == host.strip("[]")
    assert URI.fromBytes(form.encode("ascii")).host.decode("ascii").strip("[]") == host.strip("[]")
    assert safe_url_string(form) == form


MUST_REFUSE = [
    r"http://contoh.id\@evil.test/",
    r"http://evil.test\@contoh.id/",
    "http://contoh.id@evil.test/",
    "http://user:pass@contoh.id/",
    "http://a@b@contoh.id/",
    "http://contoh.id%00.evil.test/",
    "http://contoh%2eid/",
    "http://contoh.id/a%00b",
    "http://[::1/",
    "http://[contoh.id]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://contoh.id:99999/",
    "http://contoh.id:0/",
    "http://contoh.id:8a/",
    "http:///contoh.id/",
    "http:contoh.id/a",
    "//contoh.id/a",
    "/berita/satu",
    "",
    "http://",
    "http://.contoh.id/",
    "http://contoh..id/",
    "http://" + "a" * 64 + ".id/",
    "http://contoh .id/",
]


@pytest.mark.parametrize("url", MUST_REFUSE)
def test_ambiguous_addresses_are_refused(url):
    with pytest.raises(UrlError):
        fetch_url(url)


def test_look_alike_letters_make_another_host():
    assert host_of("https://kоntan.co.id/") != "kontan.co.id"  # the first o is Cyrillic
    assert host_of("https://kоntan.co.id/").startswith("xn--")


def test_a_host_is_within_its_domain_only():
    assert host_within("contoh.id", ["contoh.id"])
    assert host_within("bali.contoh.id", ["lain.id", "contoh.id"])
    assert not host_within("contoh.id.evil.test", ["contoh.id"])
    assert not host_within("bukancontoh.id", ["contoh.id"])
    assert not host_within("id", ["contoh.id"])


TEXT = st.text(st.sampled_from(list("ab/.%2eE5c?&=#:@[]\\ éо\t\n'+~")), max_size=30)
addresses = st.one_of(
    st.text(max_size=80),
    st.builds(
        "{}://{}/{}".format,
        st.sampled_from(["http", "https", "HTTPS"]),
        st.sampled_from(["contoh.id", "É.id"]),
        TEXT,
    ),
    st.builds("http://{}".format, TEXT),
    st.builds("https://contoh.id/{}?{}".format, TEXT, TEXT),
)


@given(addresses)
def test_cleaning_is_idempotent_and_agrees_with_scrapy(url):
    form = cleaned(url)
    if form is None:
        with pytest.raises(UrlError):
            canonical_url(url)
        return
    assert fetch_url(form) == form
    assert safe_url_string(form) == form
    assert host_of(form) == host_of(url)
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical == canonical_url(form)
    assert fetch_url(canonical) == canonical
    assert url_key(canonical) == url_key(url)
    assert canonical.isascii()
    assert canonical.isprintable()


@given(st.permutations(["a=1", "b=2", "c=%C3%A9", "utm_id=9", "page=3"]))
def test_the_order_of_parameters_makes_no_difference(pairs):
    assert canonical_url("https://contoh.id/?" + "&".join(pairs)) == "https://contoh.id/?a=1&b=2&c=%C3%A9"


@given(st.sampled_from("?&/%.#=\\@["), st.integers(1, 1900))
def test_floods_of_one_character_never_hang(character, count):
    cleaned("https://contoh.id/" + character * count)
    cleaned("https://" + character * count)
