"""The glossary: what the Indonesian words and those of the trade mean."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crawler.dashboard.desk import Page, show


def show_glossary(request: Request) -> Response:
    """Return the page with all words."""
    return show(request, "glossary.html")


PAGE = Page(routes=[Route("/glossary", show_glossary)])
