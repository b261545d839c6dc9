"""What Okezone and SINDOnews share: one writer a story, the place in capitals, how they print a time."""

from abc import abstractmethod
from datetime import datetime

from tests.newsworld.messages import Response
from tests.newsworld.model import Copy, Entry
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.shown import Printed
from tests.newsworld.printed import clock, day, month


class MncOutlet(Outlet):
    """An outlet of the MNC group."""

    @abstractmethod
    def page(self, title: str, main: str, entry: Entry | None = None) -> Response:
        """Return a page in the outlet's own dress, with the head of *entry* where it is one's."""

    def printed(self, entry: Entry, copy: Copy) -> Printed:
        """Return the credits: one writer, a place, a picture with its credit; editors sign by initials."""
        del entry
        return Printed(
            byline=(copy.reporter,),
            dateline=copy.dateline.upper(),
            captions=copy.captions[:1],
            credits=copy.credits[:1],
        )

    def template(self, host: str, title: str, main: str) -> Response:
        """Return a page in the outlet's own dress."""
        del host
        return self.page(title, main)


def layout_of(at: datetime, layouts: tuple[tuple[int, str], ...]) -> str:
    """Return the layout of pages of that time: *layouts* has the years since when each was in use."""
    return next(name for year, name in layouts if at.year >= year)


def printed_time(at: datetime, comma: str = ", ", bar: str = " ") -> str:
    """Return `Jum'at, 24 Juli 2026 15:00 WIB`, *comma* behind the day and *bar* before the hour."""
    name = day(at).replace("Jumat", "Jum&#039;at")
    return f"{name}{comma}{at:%d} {month(at)} {at.year}{bar}{clock(at)} WIB"
