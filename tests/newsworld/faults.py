r"""A script of faults: which addresses misbehave, at which attempt, and how.

    FaultScript([
        Fault(r"kontan\.co\.id/news/", "status", attempts=(1,), status=503, headers={"Retry-After": "1"}),
        Fault(r"mercinews\.com/feed/", "reset"),
    ])

`match` is a regular expression searched in the whole address (`https://host/path?query`). Attempts count from
1 for each address; no attempts means all of them. The first fault that applies is used. Kinds:

    status      answer with `status` and a short page
    reset       cut the connection before the first byte
    slow        answer properly after `delay_s` seconds
    truncated   announce the whole length, send half of the body, close
    wrong_type  the right body under `content_type`
    challenge   200 with a page that wants scripts and cookies before it shows anything
    soft_404    200 with a page that says the article is not there
    redirect    302 to `location`
    bomb        a small body that unpacks to 200 MB
    flood       headers of 4 MB
    drip        the head, then a byte now and then for `delay_s` seconds
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

RAW = frozenset({"reset", "bomb", "flood", "drip"})
"""Kinds of which the proxy writes every byte itself; the connection is of no use afterwards."""
KINDS = RAW | {"status", "slow", "truncated", "wrong_type", "challenge", "soft_404", "redirect"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave, for the addresses that match."""

    match: str
    kind: str
    attempts: tuple[int, ...] = ()
    status: int = 503
    delay_s: float = 1.0
    location: str = ""
    content_type: str = "application/octet-stream"
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a kind that nothing would deliver."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}: choose one of {', '.join(sorted(KINDS))}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Fault":
        """Return the fault that a JSON object describes."""
        return cls(**{**values, "attempts": tuple(values.get("attempts", ()))})


class FaultScript:
    """Decides, request by request, whether a fault applies."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self._attempts: Counter[str] = Counter()
        self.add(*faults)

    def add(self, *faults: Fault) -> None:
        """Append *faults*: those that stand earlier win."""
        self._faults.extend((re.compile(fault.match), fault) for fault in faults)

    def clear(self) -> None:
        """Forget all faults and all attempts."""
        self._faults.clear()
        self._attempts.clear()

    def next(self, url: str) -> Fault | None:
        """Return the fault for the next attempt at *url*, None where it is to be served properly."""
        if not self._faults:
            return None
        matching = [fault for pattern, fault in self._faults if pattern.search(url)]
        if not matching:
            return None
        self._attempts[url] += 1
        attempt = self._attempts[url]
        return next((fault for fault in matching if not fault.attempts or attempt in fault.attempts), None)


CHALLENGE_PAGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390"></head>
<body class="no-js"><div class="main-wrapper"><noscript><div class="h2">Enable JavaScript and cookies
to continue</div></noscript></div>
<script>window._cf_chl_opt={cvId:'3',cType:'managed',cRay:'0000000000000000'};</script>
</body></html>"""

SOFT_404_PAGE = """<!DOCTYPE html><html lang="id"><head><title>Halaman tidak ditemukan</title></head>
<body><div class="notfound"><h1>Oops!</h1><p>Halaman yang Anda cari tidak tersedia atau sudah dipindahkan.</p>
<a href="/">Kembali ke beranda</a></div></body></html>"""
