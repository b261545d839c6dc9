"""What keeps strangers out and remote text inert: headers, the Host check, forms of our own only, signing in.

A wrapper round the whole application, its error pages included.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections import deque
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.clock import Clock

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SANDBOX_CSP: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "frame-ancestors 'self'; base-uri 'none'"
)
"""For an archived page: no script, no form, no request; only what is inside it is drawn."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Nobody else is told where a reader comes from; with "no-referrer" our own forms would have no origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), "
        "midi=(), payment=(), usb=()"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
SIGN_IN: Final = "/sign-in"
COOKIE: Final = "pantau_session"
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
MAX_FORM_BYTES: Final = 20_000
SAFE: Final = frozenset({"GET", "HEAD"})

_DAY_S: Final = 86_400
_SESSION_S: Final = 30 * _DAY_S
_TRIES: Final = 5
_TRIES_S: Final = 60.0
_MAX_CLIENTS: Final = 1000


def new_form_token() -> str:
    """Return a secret that the forms of this process carry; another site cannot read it."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Tell whether an address or name is this machine's own, so that nobody else reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent, each once; empty for one that is too long or none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


@attrs.define
class Tries:
    """Counts failed attempts to sign in, by address; too many within a minute close the door for a while."""

    failed: dict[str, deque[float]] = attrs.field(factory=dict)

    def wait_s(self, client: str) -> float:
        """Return how long *client* must wait before it may try, 0 for now."""
        tries = self.failed.get(client)
        if tries is None or len(tries) < _TRIES:
            return 0.0
        return max(0.0, tries[0] + _TRIES_S - Clock.seconds())

    def note(self, client: str) -> None:
        """Count a failure."""
        if len(self.failed) >= _MAX_CLIENTS:
            self.failed.pop(next(iter(self.failed)))
        self.failed.setdefault(client, deque(maxlen=_TRIES)).append(Clock.seconds())


@attrs.frozen
class Session:
    """Makes and checks the cookie of those who signed in: a time, sealed with the configured token."""

    token: str

    def cookie(self, now_s: int) -> str:
        """Return a new cookie's value."""
        return f"{now_s}.{self._seal(str(now_s))}"

    def holds(self, value: str, now_s: int) -> bool:
        """Tell whether a cookie is ours and not too old."""
        made, _, seal = value.partition(".")
        if not (made.isascii() and made.isdigit()) or not hmac.compare_digest(
            seal.encode(), self._seal(made).encode()
        ):
            return False
        return now_s - _SESSION_S <= int(made) <= now_s + _DAY_S

    def is_token(self, given: str) -> bool:
        """Tell whether somebody gave the configured token, in a time that tells nothing of it."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _seal(self, text: str) -> str:
        return hmac.new(self.token.encode(), f"pantau session {text}".encode(), hashlib.sha256).hexdigest()


@attrs.frozen
class Guard:
    """The wrapper. *names* are those besides addresses and localhost by which a browser may call us."""

    app: ASGIApp
    form_token: str
    names: frozenset[str] = frozenset()
    session: Session | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        if scope["method"] not in SAFE:
            form = await read_form(Request(scope, receive))
            given = form.pop(FORM_TOKEN, "")
            if not hmac.compare_digest(given.encode(), self.form_token.encode()):
                stale = "This form is of an earlier start of the dashboard: go back, load the page anew."
                await PlainTextResponse(stale, 403)(scope, receive, sealed)
                return
            scope["state"] = {**scope.get("state", {}), "form": form}
        await self.app(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            # A name of somebody else that leads here (DNS rebinding) would make his page of our origin.
            said = "This name is not one of the dashboard's; open it by its address, or set `serve_names`."
            return PlainTextResponse(said, 421)
        if scope["method"] not in SAFE and not _same_origin(headers, host):
            return PlainTextResponse("The form was not sent from a page of this dashboard.", 403)
        path: str = scope["path"]
        if self.session is None or path == SIGN_IN or path.startswith("/static/"):
            return None
        if self.session.holds(_cookie(headers), int(Clock().now().timestamp())):
            return None
        if scope["method"] in SAFE and "hx-request" not in headers:
            return RedirectResponse(SIGN_IN, 303)
        return PlainTextResponse(f"Sign in first: {SIGN_IN}", 401, {"HX-Redirect": SIGN_IN})

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if "@" in host or urlsplit(f"//{host}").netloc != host:
                return False
        except ValueError:
            return False
        if name == "localhost" or name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # an address is nobody's name: nothing can be rebound to it


def _same_origin(headers: Headers, host: str) -> bool:
    """Tell whether a browser says that a form comes from a page of ours; who says nothing does not."""
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return site == "same-origin"
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc == host


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
