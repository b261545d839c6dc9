"""What every page of the dashboard works with: configuration, store, clock, outlets, templates."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, cast

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from crawler.config import Config
from crawler.dashboard import words
from crawler.dashboard.assets import Assets
from crawler.health import Declared
from crawler.storage.columns import storable
from crawler.storage.places import Place, archive_of

Level = Literal["good", "warn", "bad"]


@attrs.frozen(kw_only=True)
class Page:
    """One page, or several that belong together: its routes, and its place in the navigation.

    `label` is None for what the navigation leaves out; `path` is where the label leads.
    """

    routes: Sequence[Route]
    label: str | None = None
    path: str = "/"


@attrs.frozen(kw_only=True)
class Outlet:
    """What there is to know of an outlet without the store; `due_after` gives the next due time, if any.

    `cadence` says in words how often it is crawled, `found_by` by which kinds of lists.
    """

    name: str
    declared: Declared
    hosts: tuple[str, ...] = ()
    found_by: str = ""
    rendered: bool = False
    cadence: str | None = None
    due_after: Callable[[datetime], datetime | None] = lambda _moment: None


@attrs.frozen(kw_only=True)
class Desk:
    """All that a page needs. `outlets` are those that have a site of their own, by name."""

    config: Config
    engine: Engine
    now: Callable[[], datetime]
    outlets: Mapping[str, Outlet]
    assets: Assets
    templates: Environment
    nav: Sequence[Page]
    form_token: str
    guarded: bool = False
    """Whether one must sign in."""

    @cached_property
    def archive(self) -> Place:
        """Return where the raw pages are; made once, since a client of an object store takes its time."""
        return archive_of(self.config)

    @property
    def declared(self) -> dict[str, Declared]:
        """Return what is declared of each outlet."""
        return {name: outlet.declared for name, outlet in self.outlets.items()}


NOTICES: Final[Mapping[str, tuple[Level, str]]] = {
    "asked": ("good", "A crawl is asked for; the service begins it as soon as it can."),
    "asked-alone": ("warn", "A crawl is asked for; no service runs: it begins when `pantau schedule` does."),
    "waiting": ("warn", "A crawl was asked for already, and waits."),
    "paused": ("good", "The outlet is paused; nothing of it is crawled until it is resumed."),
    "resumed": ("good", "The outlet is crawled again; what was missed meanwhile is made up for."),
}
"""What an address may say that was done, by its `done=`; nothing else can be put there."""


def environment(assets: Assets) -> Environment:
    """Return the templates' environment: every value is escaped, every unknown name an error."""
    made = Environment(
        loader=PackageLoader("crawler.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=assets.address, glossary=words.glossary(), meaning=words.meaning)
    made.filters.update(
        day=words.day,
        clock=words.clock,
        coded=words.coded,
        iso=words.iso,
        number=words.number,
        span=words.span,
        outward=words.outward,
        size=words.size,
        urlencode=words.quoted,
    )
    return made


def desk_of(request: Request) -> Desk:
    """Return what the pages of this application work with."""
    return cast("Desk", request.app.state.desk)


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401
    """Return a page made of *template*, which extends `base.html`; *context* are its values.

    Always there: `request_path`, `now`, `nav`, `form_token`, `notice`, `query` (of the search field).
    """
    desk = desk_of(request)
    notice = NOTICES.get(request.query_params.get("done", ""))
    html = desk.templates.get_template(template).render(
        {
            "request_path": request.url.path,
            "now": desk.now(),
            "nav": desk.nav,
            "form_token": desk.form_token,
            "guarded": desk.guarded,
            "notice": notice,
            "query": "",
            **context,
        }
    )
    # Half a surrogate pair, which lists of texts may hold, cannot be sent.
    return HTMLResponse(storable(html), status_code=status, headers={"Cache-Control": "no-store"})
