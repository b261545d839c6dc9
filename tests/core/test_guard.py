"""Which addresses may be contacted, and how an address is read before it is."""

import pytest
from scrapy.settings import Settings

from crawler.addresses import is_nearby_name, is_permitted, literal_address, parse_networks, why_denied
from crawler.errors import ConfigError, CrawlerError
from crawler.guard import Policy, RefusalError, normal_domains, read_url
from crawler.reasons import Reason
from crawler.urls import UrlError, host_of
from tests.hostile_addresses import AMBIGUOUS, FORBIDDEN, PUBLIC, SPELLINGS

DOMAINS = ("kabar.test",)
POLICY = Policy()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_internal_addresses_are_denied(address: str) -> None:
    assert why_denied(address)
    assert not is_permitted(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_permitted(address: str) -> None:
    assert why_denied(address) is None
    assert is_permitted(address)


def test_scope_does_not_hide_an_address() -> None:
    assert why_denied("fe80::1%eth0") == "link-local"


@pytest.mark.parametrize("text", ["", "kabar.test", "1.2.3", "1.2.3.4.5", "::g", "999.1.1.1"])
def test_what_is_no_address_is_denied(text: str) -> None:
    assert why_denied(text) == "unreadable"
    assert not is_permitted(text, parse_networks(["0.0.0.0/0"]))


def test_an_allowance_covers_its_network_and_no_more() -> None:
    allowed = parse_networks(["127.0.0.2", "fd00::/64"])
    assert is_permitted("127.0.0.2", allowed)
    assert is_permitted("fd00::5", allowed)
    assert not is_permitted("127.0.0.3", allowed)
    assert not is_permitted("fd00:0:0:1::5", allowed)
    assert not is_permitted("::ffff:127.0.0.3", allowed)


@pytest.mark.parametrize("host", SPELLINGS)
def test_every_spelling_of_loopback_is_seen_through(host: str) -> None:
    spelled = literal_address(host)
    assert spelled is not None
    assert why_denied(spelled)


@pytest.mark.parametrize("host", ["kabar.test", "www.7.test", "0x7f.kabar.test", "1.2.3.4.kabar.test", "x1"])
def test_names_are_no_literals(host: str) -> None:
    assert literal_address(host) is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "intranet", "printer.local", "db.internal", "x.localhost.", "router.home.arpa", "A.LAN"],
)
def test_names_of_the_neighbourhood_are_known(host: str) -> None:
    assert is_nearby_name(host)


def test_ordinary_names_are_not_nearby() -> None:
    assert not any(map(is_nearby_name, ["kabar.test", "www.kabar.co.id", "local.kabar.test", "internal.id."]))


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port"),
    [
        ("http://kabar.test/a?b#c", "http", "kabar.test", 80),
        ("HTTPS://WWW.Kabar.Test", "https", "www.kabar.test", 443),
        ("https://kabar.test.:8443/", "https", "kabar.test", 8443),
        ("http://[2606:4700::1111]:80/", "http", "2606:4700::1111", 80),
        ("http://a_b.kabar.test/@:?//x", "http", "a_b.kabar.test", 80),
    ],
)
def test_an_address_is_read(url: str, scheme: str, host: str, port: int) -> None:
    target = read_url(url)
    assert (target.scheme, target.host, target.port) == (scheme, host, port)


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_an_ambiguous_address_is_refused_or_read_alike(url: str) -> None:
    """Either the guard refuses it, or the guard and the project's URL parser see the same host."""
    try:
        target = read_url(url)
    except RefusalError as refusal:
        assert refusal.reason in {Reason.BAD_URL, Reason.BAD_SCHEME}  # noqa: PT017
        return
    try:
        host = host_of(url)
    except UrlError:
        return
    assert host.strip("[]") == target.host


@pytest.mark.parametrize(
    "url",
    ["http://kabar.test\\@evil.test/", "http://kabar.test%2eevil.test/", "http://u:p@kabar.test/", "http://"],
)
def test_hosts_that_programs_read_differently_are_refused(url: str) -> None:
    with pytest.raises(RefusalError) as caught:
        read_url(url)
    assert caught.value.reason is Reason.BAD_URL


def test_credentials_are_not_repeated_in_the_message() -> None:
    with pytest.raises(RefusalError) as caught:
        read_url("http://alice:secret@kabar.test/")
    assert "secret" not in str(caught.value)
    assert "kabar.test" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:alert(1)",
        "blob:http://kabar.test/1",
        "ftp://kabar.test/",
        "s3://kabar.test/x",
        "gopher://kabar.test:70/",
        "chrome://settings",
        "view-source:http://kabar.test/",
        "ws://kabar.test/",
        "//kabar.test/",
        "kabar.test",
    ],
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(RefusalError) as caught:
        POLICY.check(url, DOMAINS)
    assert caught.value.reason is Reason.BAD_SCHEME


@pytest.mark.parametrize(
    "host",
    [
        "kabar.test.evil.test",
        "notkabar.test",
        "kabar.testing",
        "kabar-test",
        "evil.test",
        "xn--kbar-0od.test",  # Cyrillic а
        "kabar.test.evil.test.",
    ],
)
def test_look_alike_hosts_are_offsite(host: str) -> None:
    with pytest.raises(RefusalError) as caught:
        POLICY.check(f"https://{host}/", (*DOMAINS, "kabar.co"))
    assert caught.value.reason in {Reason.OFFSITE, Reason.BLOCKED_ADDRESS}


def test_subdomains_and_case_belong() -> None:
    for host in ("kabar.test", "www.kabar.test", "a.b.KABAR.test", "kabar.test."):
        assert POLICY.check(f"https://{host}/", DOMAINS)


def test_an_outlet_without_domains_may_fetch_nothing() -> None:
    with pytest.raises(RefusalError) as caught:
        POLICY.check("https://kabar.test/", ())
    assert caught.value.reason is Reason.OFFSITE


@pytest.mark.parametrize("port", [22, 25, 443, 5432, 6379, 8080, 65535])
def test_only_ordinary_ports_are_contacted(port: int) -> None:
    if port in POLICY.ports:
        POLICY.check(f"http://kabar.test:{port}/", DOMAINS)
        return
    with pytest.raises(RefusalError) as caught:
        POLICY.check(f"http://kabar.test:{port}/", DOMAINS)
    assert caught.value.reason is Reason.BAD_PORT


@pytest.mark.parametrize("length", [3_000, 64_000, 1_000_000])
def test_long_addresses_are_refused(length: int) -> None:
    with pytest.raises(RefusalError) as caught:
        POLICY.check("https://kabar.test/" + "a" * length, DOMAINS)
    assert caught.value.reason is Reason.URL_TOO_LONG
    assert len(str(caught.value)) < 300


def test_the_longest_address_passes() -> None:
    start = "https://kabar.test/"
    assert POLICY.check(start + "a" * (2000 - len(start)), DOMAINS)


def test_the_shipped_policy_allows_no_internal_address_and_no_other_port() -> None:
    policy = Policy.from_settings(Settings())
    assert policy.allowed == ()
    assert policy.ports == {80, 443}
    assert policy.max_url_chars == 2000


@pytest.mark.parametrize(
    "settings",
    [
        {"GUARD_ALLOW_ADDRESSES": ["somewhere"]},
        {"GUARD_ALLOW_ADDRESSES": ["127.0.0.1/8"]},
        {"GUARD_ALLOW_PORTS": ["http"]},
        {"GUARD_ALLOW_PORTS": [0]},
        {"GUARD_ALLOW_PORTS": [65536]},
    ],
)
def test_settings_that_cannot_be_used_are_named(settings: dict[str, list[object]]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Policy.from_settings(Settings(settings))


def test_domains_are_compared_in_one_form() -> None:
    assert normal_domains(["Kabar.Test.", "bücher.test"]) == ("kabar.test", "xn--bcher-kva.test")


@pytest.mark.parametrize("domain", ["https://kabar.test", "", "kabar.test/x", "a" * 70 + ".test"])
def test_domains_that_are_none_are_named(domain: str) -> None:
    with pytest.raises(ConfigError):
        normal_domains([domain])


def test_a_refusal_is_an_error_of_ours() -> None:
    assert issubclass(RefusalError, CrawlerError)
