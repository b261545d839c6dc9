"""Reading of a robots.txt: what it allows to one crawler, and how slowly it wants to be asked."""

import codecs
import re

import attrs
from protego import Protego

READ_BYTES = 500 * 1024  # as RFC 9309 asks for at least

# Stat, with the host after it: how many times as long as the longest pause that is kept its Crawl-delay is.
CRAWL_DELAY_EXCESS = "robots/crawl_delay_excess"

_AGENT = re.compile(r"user[- ]?agent\s*[:\s]\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:sitemaps?|site-map|host)\s*:", re.IGNORECASE)
_PRODUCT = re.compile(r"[a-z0-9_-]+")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@attrs.frozen
class Rules:
    """What one robots.txt says to one crawler. `delay_s` is None where it asks for none."""

    parser: Protego
    token: str
    delay_s: float | None

    def allows(self, url: str) -> bool:
        """Return whether the crawler may fetch *url*."""
        allowed: bool = self.parser.can_fetch(url, self.token)
        return allowed


def read_robots(body: bytes, token: str) -> Rules:
    """Return the rules for the product *token*; what is not a rule, HTML or junk included, is passed over.

    Only the first 500 KiB count, less a last line that the limit cut.
    """
    text = _decode(body[:READ_BYTES])
    if len(body) >= READ_BYTES:
        text = text[: text.rfind("\n") + 1]
    parser = Protego.parse(_lines_for(text, token.lower()))
    asked = [value for value in (parser.crawl_delay(token), _pace(parser, token)) if value is not None]
    return Rules(parser, token, max(asked, default=None))


def lines_for(body: bytes, token: str) -> list[str]:
    """Return the lines of a robots.txt that speak to the product *token* or to everyone, as they stand."""
    lines = _lines_for(_decode(body[:READ_BYTES]), token.lower()).splitlines()
    return [line for line in lines if not _AGENT.match(line)]


def _pace(parser: Protego, token: str) -> float | None:
    rate = parser.request_rate(token)
    return None if rate is None else rate.seconds / rate.requests


def _decode(body: bytes) -> str:
    encoding = next((name for mark, name in _UTF16.items() if body.startswith(mark)), "utf-8-sig")
    return body.decode(encoding, errors="ignore")


def _lines_for(text: str, token: str) -> str:
    """Return only the groups addressed to *token* or to everyone.

    Protego keeps a set of rules for each crawler that a file names: thousands of names above thousands of
    rules would take gigabytes. It also takes `User-agent: p` for a name of ours.
    """
    kept: list[str] = []
    agents: list[str] = []
    heading = False
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        match = _AGENT.match(line)
        if match:
            agents = agents if heading else []
            heading = True
            agent = _agent(match[1].strip().lower(), token)
            if agent and agent not in agents:
                agents.append(agent)
        elif line and not _SITE_WIDE.match(line):
            if heading:
                kept.extend(f"User-agent: {agent}" for agent in agents)
            heading = False
            if agents:
                kept.append(line)
    if heading:
        kept.extend(f"User-agent: {agent}" for agent in agents)
    return "\n".join(kept)


def _agent(value: str, token: str) -> str | None:
    if value == "*":
        return "*"
    return token if token in _PRODUCT.findall(value) else None
