"""The files that pages load: each under a name with its hash, so that a browser keeps it for good."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.errors import ConfigError

HTMX: Final = "htmx.js"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@attrs.frozen
class Asset:
    """A file, under the name it is served by."""

    name: str
    kind: str
    content: bytes


@attrs.frozen
class Assets:
    """All files, by the name that templates know them by."""

    by_name: Mapping[str, Asset]

    def address(self, name: str) -> str:
        """Return where *name* is served; a name that there is not is an error of the template."""
        return f"/static/{self.by_name[name].name}"

    def route(self) -> Route:
        """Return the route that serves them."""
        served = {asset.name: asset for asset in self.by_name.values()}

        async def serve(request: Request) -> Response:
            asset = served.get(request.path_params["name"])
            if asset is None:
                raise HTTPException(404)
            etag = f'"{asset.name}"'
            headers = {"Cache-Control": _FOR_GOOD, "ETag": etag, "Content-Type": asset.kind}
            if etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            return Response(asset.content, headers=headers)

        return Route("/static/{name}", serve)


def load_assets() -> Assets:
    """Return the dashboard's own files, and htmx as the package of that name brings it.

    Raises:
        ConfigError: that package is not installed.
    """
    folder = files("crawler.dashboard").joinpath("static")
    contents = {file.name: file.read_bytes() for file in folder.iterdir() if Path(file.name).suffix in _KINDS}
    contents[HTMX] = _htmx()
    return Assets({name: _asset(name, content) for name, content in contents.items()})


def _htmx() -> bytes:
    # Not imported: the package wants a Django that runs.
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise ConfigError("the package django-htmx is missing; run `make setup`")
    return (Path(spec.origin).parent / "static" / "django_htmx" / "htmx-2.min.js").read_bytes()


def _asset(name: str, content: bytes) -> Asset:
    path = Path(name)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(f"{path.stem}.{digest}{path.suffix}", _KINDS[path.suffix], content)
