"""The closed list of reasons why an address was not read, each with one sentence for the user."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """Why a URL ended without an article; kept with the URL and shown by every report."""

    # the network
    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS = "tls"
    PROXY = "proxy"
    # the answer
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    BOMB = "bomb"
    BAD_RESPONSE = "bad_response"
    HTTP_3XX = "http_3xx"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    BAD_REDIRECT = "bad_redirect"
    REDIRECT_LOOP = "redirect_loop"
    OFFSITE_REDIRECT = "offsite_redirect"
    # the address itself
    BLOCKED_ADDRESS = "blocked_address"
    BAD_SCHEME = "bad_scheme"
    BAD_PORT = "bad_port"
    BAD_URL = "bad_url"
    URL_TOO_LONG = "url_too_long"
    OFFSITE = "offsite"
    # what the outlet wants
    ROBOTS = "robots"
    ROBOTS_UNAVAILABLE = "robots_unavailable"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    CHALLENGE = "challenge"
    CONSENT = "consent"
    CAPTIVE_PORTAL = "captive_portal"
    # what was there
    NOT_FOUND = "not_found"
    NOT_ARTICLE = "not_article"
    NOT_HTML = "not_html"
    NOT_FEED = "not_feed"
    HOST_MISMATCH = "host_mismatch"
    EMPTY = "empty"
    TOO_COMPLEX = "too_complex"
    # reading it
    MEMORY = "memory"
    PARSE_ERROR = "parse_error"
    PARSE_TIMEOUT = "parse_timeout"
    OVER_BUDGET = "over_budget"
    TRAP = "trap"
    # the browser
    NO_BROWSER = "no_browser"
    NOT_RENDERED = "not_rendered"
    NAVIGATION_REFUSED = "navigation_refused"
    BROWSER_CRASH = "browser_crash"
    BROWSER_HANG = "browser_hang"
    # keeping it
    STORE_BUSY = "store_busy"
    DISK_FULL = "disk_full"
    WITHDRAWN = "withdrawn"
    FORGOTTEN = "forgotten"
    INTERNAL = "internal"


SENTENCES: Mapping[Reason, str] = {
    Reason.DNS: "The host name could not be resolved.",
    Reason.REFUSED: "The server could not be reached: no connection came about.",
    Reason.RESET: "The server cut the connection before a whole answer had arrived.",
    Reason.TIMEOUT: "The whole answer did not arrive within the time limit.",
    Reason.TLS: "The server's certificate or encryption could not be trusted.",
    Reason.PROXY: "The configured proxy refused, failed or could not be reached.",
    Reason.TRUNCATED: "The page broke off; half a text is never kept as a whole one.",
    Reason.TOO_LARGE: "The answer is larger than the limit.",
    Reason.BOMB: "A small answer unpacks to more than the limit.",
    Reason.BAD_RESPONSE: "The answer is not valid HTTP.",
    Reason.HTTP_3XX: "The server answered with a redirect status that leads nowhere.",
    Reason.HTTP_4XX: "The server turned the request down (a status from 400 to 499).",
    Reason.HTTP_5XX: "The server failed (a status from 500 to 599), also when asked again.",
    Reason.BAD_REDIRECT: "The page redirects to an address that cannot be followed.",
    Reason.REDIRECT_LOOP: "The redirects do not end.",
    Reason.OFFSITE_REDIRECT: "The page redirects to a host that does not belong to the outlet.",
    Reason.BLOCKED_ADDRESS: "The host leads to an internal network address, which is never contacted.",
    Reason.BAD_SCHEME: "Only http and https addresses are read.",
    Reason.BAD_PORT: "Only the ordinary web ports are contacted.",
    Reason.BAD_URL: "The address is malformed, or written so that programs disagree on its host.",
    Reason.URL_TOO_LONG: "The address is longer than the limit.",
    Reason.OFFSITE: "The host does not belong to the outlet.",
    Reason.ROBOTS: "The outlet's robots.txt asks crawlers to leave this address alone.",
    Reason.ROBOTS_UNAVAILABLE: "The host's robots.txt could not be read, so nothing of it is fetched.",
    Reason.BLOCKED: "The outlet refuses this crawler.",
    Reason.RATE_LIMITED: "The outlet asks to come back later.",
    Reason.CHALLENGE: "A bot check, login or paywall stood in place of the page.",
    Reason.CONSENT: "A page that asks for consent to cookies stood in place of the page.",
    Reason.CAPTIVE_PORTAL: "The network in between answered instead of the outlet.",
    Reason.NOT_FOUND: "The outlet says that there is no such page.",
    Reason.NOT_ARTICLE: "The page is not an article.",
    Reason.NOT_HTML: "The address holds something other than a web page.",
    Reason.NOT_FEED: "The address holds something other than a feed or sitemap.",
    Reason.HOST_MISMATCH: "Another site's page was served under this host.",
    Reason.EMPTY: "The page has no text.",
    Reason.TOO_COMPLEX: "The page has more elements than the limit.",
    Reason.MEMORY: "Reading the page took more memory than the limit.",
    Reason.PARSE_ERROR: "Reading the page failed.",
    Reason.PARSE_TIMEOUT: "Reading the page took longer than the limit.",
    Reason.OVER_BUDGET: "The run's budget was spent before this address came up.",
    Reason.TRAP: "The address belongs to a pattern that goes on for ever.",
    Reason.NO_BROWSER: "The page needs a browser, and this machine has none that starts.",
    Reason.NOT_RENDERED: "The page's scripts did not draw what was awaited.",
    Reason.NAVIGATION_REFUSED: "The browser was led to an address that is not allowed.",
    Reason.BROWSER_CRASH: "The browser crashed.",
    Reason.BROWSER_HANG: "The browser stopped answering.",
    Reason.STORE_BUSY: "The database was locked for too long.",
    Reason.DISK_FULL: "There is no space left to store the page.",
    Reason.WITHDRAWN: "The outlet has taken the article down.",
    Reason.FORGOTTEN: "The article was erased on request and is not fetched again.",
    Reason.INTERNAL: "pantau itself failed; the log has the details.",
}

# Reasons that say nothing about the page itself: a later run asks again.
TRY_AGAIN: frozenset[Reason] = frozenset(
    {
        Reason.DNS,
        Reason.REFUSED,
        Reason.RESET,
        Reason.TIMEOUT,
        Reason.TLS,
        Reason.PROXY,
        Reason.TRUNCATED,
        Reason.BAD_RESPONSE,
        Reason.HTTP_5XX,
        Reason.ROBOTS_UNAVAILABLE,
        Reason.BLOCKED,
        Reason.RATE_LIMITED,
        Reason.CHALLENGE,
        Reason.CONSENT,
        Reason.CAPTIVE_PORTAL,
        Reason.HOST_MISMATCH,
        Reason.MEMORY,
        Reason.PARSE_ERROR,
        Reason.PARSE_TIMEOUT,
        Reason.OVER_BUDGET,
        Reason.NO_BROWSER,
        Reason.NOT_RENDERED,
        Reason.BROWSER_CRASH,
        Reason.BROWSER_HANG,
        Reason.STORE_BUSY,
        Reason.DISK_FULL,
        Reason.INTERNAL,
    }
)

REFUSALS: frozenset[Reason] = frozenset(
    {Reason.BLOCKED, Reason.RATE_LIMITED, Reason.CHALLENGE, Reason.CONSENT, Reason.CAPTIVE_PORTAL}
)
"""Reasons that say: the outlet, or what stands before it, turns this crawler away."""
