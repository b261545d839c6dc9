"""The dashboard as an ASGI application: pages, files, error pages, all behind the guard."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from crawler.clock import Clock
from crawler.config import Config
from crawler.dashboard.assets import load_assets
from crawler.dashboard.desk import Desk, Outlet, environment, show
from crawler.dashboard.pages import article, articles, glossary, outlets, overview, runs, stories, topics
from crawler.dashboard.security import Guard, Session, new_form_token
from crawler.dashboard.signing import sign_in_route
from crawler.errors import StoreError

PAGES = (
    overview.PAGE,
    articles.PAGE,
    article.PAGE,
    stories.PAGE,
    outlets.PAGE,
    runs.PAGE,
    topics.PAGE,
    glossary.PAGE,
)
"""Every page; the navigation has those with a label, in this order."""


def create_app(config: Config, engine: Engine, clock: Clock, known: Iterable[Outlet] = ()) -> ASGIApp:
    """Return the dashboard over a store that is open; *known* are the outlets that there are.

    Where `serve_token` is configured, every page but the one to sign in demands it.
    """
    assets = load_assets()
    session = Session(config.serve_token) if config.serve_token else None
    desk = Desk(
        config=config,
        engine=engine,
        now=clock.now,
        outlets={outlet.name: outlet for outlet in known},
        assets=assets,
        templates=environment(assets),
        nav=[page for page in PAGES if page.label],
        form_token=new_form_token(),
        guarded=session is not None,
    )
    routes = [assets.route(), *(route for page in PAGES for route in page.routes)]
    if session is not None:
        routes.append(sign_in_route(session))
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _not_there, StoreError: _no_store, Exception: _broken},
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return Guard(app, desk.form_token, frozenset(config.serve_names), session)


_SAID: Mapping[int, tuple[str, str]] = {
    404: ("There is no such page", "The address may be mistyped, or what it showed is not in this store."),
    405: ("That cannot be done here", "The address is there, but not for this kind of request."),
    400: ("That cannot be asked", "A part of the address is not what it should be."),
}


def _not_there(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = error.status_code
    what, more = _SAID.get(status, (HTTPStatus(status).phrase, "Go back and try something else."))
    own = error.detail if error.detail != HTTPStatus(status).phrase else more
    answer = show(request, "error.html", status=status, what=what, more=own)
    answer.headers.update(error.headers or {})
    return answer


def _no_store(request: Request, error: Exception) -> Response:
    what = "The store cannot be read at the moment"
    answer = show(request, "error.html", status=503, what=what, more=str(error))
    answer.headers["Retry-After"] = "10"
    return answer


def _broken(request: Request, _error: Exception) -> Response:
    more = "This is a fault of the dashboard; what happened stands in its log."
    return show(request, "error.html", status=500, what="This page broke", more=more)
