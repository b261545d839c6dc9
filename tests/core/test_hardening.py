"""The settings of a real crawl: nothing listens, nothing local is read, every cap is in place."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawler.guard import Policy
from crawler.handlers import CappedHTTP11Handler

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024

# In a process of its own: the module reads the environment when it is imported.
DUMP = """
import json
from scrapy.settings import BaseSettings, Settings

def plain(value):
    return value.copy_to_dict() if isinstance(value, BaseSettings) else str(value)

settings = Settings()
settings.setmodule("crawler.settings")
print(json.dumps({name: settings.get(name) for name in settings if name.isupper()}, default=plain))
"""


@pytest.fixture(scope="module")
def settings() -> Settings:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PANTAU_")}
    done = subprocess.run(
        [sys.executable, "-c", DUMP],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = Settings()
    found.setdict(json.loads(done.stdout), priority="project")
    return found


@pytest.mark.parametrize("name", ["TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED"])
def test_switched_off(settings: Settings, name: str) -> None:
    assert settings.getbool(name) is False


@pytest.mark.parametrize(
    "name", ["ROBOTSTXT_OBEY", "DOWNLOAD_VERIFY_CERTIFICATES", "DOWNLOAD_FAIL_ON_DATALOSS"]
)
def test_switched_on(settings: Settings, name: str) -> None:
    assert settings.getbool(name) is True


@pytest.mark.parametrize("scheme", ["file", "data", "ftp", "s3"])
def test_no_other_scheme_has_a_handler(settings: Settings, scheme: str) -> None:
    assert settings.getwithbase("DOWNLOAD_HANDLERS")[scheme] is None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_headers_are_capped(settings: Settings, scheme: str) -> None:
    handler = load_object(settings.getwithbase("DOWNLOAD_HANDLERS")[scheme])
    assert issubclass(handler, CappedHTTP11Handler)


def test_connections_are_guarded(settings: Settings) -> None:
    assert settings["TWISTED_DNS_RESOLVER"] == "crawler.resolver.GuardResolver"
    assert settings.getbool("TWISTED_REACTOR_ENABLED")


def test_nothing_internal_is_allowed_as_shipped(settings: Settings) -> None:
    policy = Policy.from_settings(settings)
    assert policy.allowed == ()
    assert policy.ports == {80, 443}


def test_the_guarded_path_is_in_order(settings: Settings) -> None:
    chosen: dict[str, Any] = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    place = {name.rpartition(".")[2]: number for name, number in chosen.items() if number is not None}
    in_order = [
        "GuardMiddleware",
        "RobotsMiddleware",
        "BlockedMiddleware",
        "RetryMiddleware",
        "RetryAfterMiddleware",
        "CompressionMiddleware",
        "RedirectMiddleware",
        "HttpProxyMiddleware",
        "WireMiddleware",
    ]
    assert sorted(in_order, key=place.__getitem__) == in_order
    assert min(place, key=place.__getitem__) == "GuardMiddleware"
    assert place["WireMiddleware"] > place["HttpProxyMiddleware"]  # it must see which proxy was chosen


@pytest.mark.parametrize(
    "replaced",
    [
        "offsite.OffsiteMiddleware",
        "robotstxt.RobotsTxtMiddleware",
        "httpcompression.HttpCompressionMiddleware",
    ],
)
def test_scrapys_own_are_replaced(settings: Settings, replaced: str) -> None:
    chosen = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    assert chosen[f"scrapy.downloadermiddlewares.{replaced}"] is None


def test_no_url_is_dropped_without_its_errback(settings: Settings) -> None:
    """Scrapy drops these without a word; the guard refuses them with a reason."""
    assert settings.getint("URLLENGTH_LIMIT") == 0
    assert settings.getint("DEPTH_LIMIT") == 0
    assert settings["DUPEFILTER_CLASS"] == "scrapy.dupefilters.BaseDupeFilter"


def test_sizes_and_times_are_capped(settings: Settings) -> None:
    assert 0 < settings.getint("DOWNLOAD_MAXSIZE") <= 5 * MIB
    assert 0 < settings.getfloat("DOWNLOAD_TIMEOUT") <= 60
    assert 5 <= settings.getint("REDIRECT_MAX_TIMES") <= 10
    assert 0 < settings.getint("RETRY_TIMES") <= 3


def test_one_host_is_asked_slowly(settings: Settings) -> None:
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0  # it would undercut the delay by half
    assert not settings.getdict("DOWNLOAD_SLOTS")
    assert settings.getbool("AUTOTHROTTLE_ENABLED")


def test_it_is_named_honestly(settings: Settings) -> None:
    assert settings["ROBOTSTXT_USER_AGENT"] == "pantau"
    assert "pantau/" in settings["USER_AGENT"]
    assert settings.getbool("REFERER_ENABLED") is False


def test_nothing_is_kept_in_pickles(settings: Settings) -> None:
    assert not settings["JOBDIR"]
    assert not settings.getbool("HTTPCACHE_ENABLED")
    assert not [
        feed for feed in settings.getdict("FEEDS").values() if feed.get("format") in {"pickle", "marshal"}
    ]
