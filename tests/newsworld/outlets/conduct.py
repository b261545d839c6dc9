"""How an outlet behaves beyond its pages: gone articles, outages, noise, and what its validators say."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from random import Random

from tests.newsworld.faults import Fault
from tests.newsworld.markup import slugify
from tests.newsworld.messages import Request, Response, html, plain, redirect
from tests.newsworld.model import Entry

NOT_THERE = """<div class="not-found"><h1>Halaman Tidak Ditemukan</h1>
<p>Maaf, halaman yang Anda cari tidak tersedia atau sudah dipindahkan.</p></div>"""
MAINTENANCE = """<!DOCTYPE html><html lang="id"><head><title>Pemeliharaan Sistem</title></head><body>
<h1>Situs Sedang Dalam Pemeliharaan</h1><p>Kami sedang melakukan pemeliharaan rutin. Silakan kembali beberapa
saat lagi.</p></body></html>"""
NOISE = re.compile(rb"<!-- noise -->.*?<!-- /noise -->", re.DOTALL)
# What moves with the time on every page, and is not its content.
_MOVING = re.compile(rb"<!-- noise -->.*?<!-- /noise -->|\d+ (?:menit|jam|hari) yang lalu", re.DOTALL)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

Template = Callable[[str, str, str], Response]


def gone(request: Request, how: str, template: Template) -> Response:
    """Return what stands where an article was: *template* builds a page of the outlet's own."""
    if how == "home":
        return redirect(f"https://{request.host}/", status=302)
    page = template(request.host, "Halaman Tidak Ditemukan", NOT_THERE)
    return replace(page, status=200 if how == "soft-404" else int(how), last_modified=None)


def down(request: Request, how: str, template: Template) -> Response | None:
    """Return what an outlet answers while it is down; None where it answers as ever."""
    robots = request.path == "/robots.txt"
    if how == "robots-5xx":
        return plain("Service Unavailable\n", status=503) if robots else None
    if how == "reset":
        return Response(503, b"", fault=Fault("", "reset"))
    if how == "home":
        return None if request.path == "/" else redirect(f"https://{request.host}/", status=302)
    if how == "maintenance":
        return html(MAINTENANCE)
    if how in {"404", "soft-404"}:
        return None if robots else gone(request, how, template)
    status = int(how)
    return html(
        f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>", status=status
    )


def noisy(
    response: Response, request: Request, at: datetime, others: Callable[[Random], list[Entry]]
) -> Response:
    """Return an HTML page with an advert, a view counter and links that are others at each moment."""
    if response.status != 200 or b"</body>" not in response.body:
        return response
    rng = Random(f"{request.url}/{at.isoformat()}")
    rows = "".join(f'<li><a href="{entry.url}">{slugify(entry.headline)}</a></li>' for entry in others(rng))
    block = (
        f'<!-- noise --><div class="widget-noise"><div id="div-gpt-ad-{rng.randrange(10**12)}-0"></div>'
        f'<span class="views">Dilihat {rng.randrange(1, 99_000)} kali</span>'
        f"<ul>{rows}</ul></div><!-- /noise -->"
    )
    head, tail = response.body.rsplit(b"</body>", 1)
    return replace(response, body=head + block.encode() + b"</body>" + tail)


class Validators:
    """Gives a response the validators that the outlet sends at the time."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, datetime]] = {}
        self._serial = count(1)

    def put(self, response: Response, request: Request, how: str, at: datetime) -> Response:
        """Return *response* with validators of the kind *how*.

        Honest ones are tied to what the page says: to the version of an article, to a list without its
        relative times and adverts. `modified` sends the time since when a page has been like that, and no
        ETag; `bytes` an ETag of every byte.
        """
        if response.status != 200 or how == "bytes":
            return response
        if how in {"none", "constant-etag", "constant-modified", "changing-etag"}:
            modified = _EPOCH if how == "constant-modified" else None
            etag = {"constant-etag": '"1"', "changing-etag": f'"{next(self._serial)}"'}.get(how, "")
            return replace(response, etag=etag, last_modified=modified)
        digest = self._digest(response, request)
        if how == "modified":
            known = self._seen.get(request.url)
            if known is None or known[0] != digest:
                known = self._seen[request.url] = (digest, response.last_modified or at)
            return replace(response, etag="", last_modified=known[1])
        return replace(response, etag=f'"{digest}"', always_304=how == "always-304")

    @staticmethod
    def _digest(response: Response, request: Request) -> str:
        if response.last_modified is not None:  # an article
            content = f"{request.target}|{response.last_modified.isoformat()}".encode()
        else:
            content = _MOVING.sub(b"", response.body)
        return hashlib.blake2b(content, digest_size=10).hexdigest()
