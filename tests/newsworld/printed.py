"""Dates as Indonesian outlets print them."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(at: datetime) -> str:
    """Return the name of the day: `Jumat`."""
    return DAYS[at.weekday()]


def month(at: datetime) -> str:
    """Return the name of the month: `Agustus`."""
    return MONTHS[at.month - 1]


def long_date(at: datetime) -> str:
    """Return `Jumat, 24 Juli 2026`."""
    return f"{day(at)}, {at.day} {month(at)} {at.year}"


def clock(at: datetime) -> str:
    """Return `16:32`."""
    return f"{at:%H:%M}"


def zone(at: datetime) -> str:
    """Return `WIB`, `WITA` or `WIT`."""
    return at.tzname() or "WIB"


def in_brackets(at: datetime) -> str:
    """Return `Rabu (13/9/2026)`."""
    return f"{day(at)} ({at.day}/{at.month}/{at.year})"


def relative(at: datetime, now: datetime) -> str:
    """Return `5 menit yang lalu`, `2 jam yang lalu` or `3 hari yang lalu`."""
    minutes = max(1, int((now - at).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} menit yang lalu"
    if minutes < 60 * 24:
        return f"{minutes // 60} jam yang lalu"
    return f"{minutes // (60 * 24)} hari yang lalu"


def iso(at: datetime) -> str:
    """Return `2026-07-24T16:32:00+07:00`."""
    return at.isoformat(timespec="seconds")


def mail_date(at: datetime) -> str:
    """Return the form of feeds: `Fri, 24 Jul 2026 16:32:00 +0700`."""
    return format_datetime(at)
