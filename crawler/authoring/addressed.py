"""The address that an author gives on the command line."""

from crawler.urls import fetch_url


def address_of(given: str) -> str:
    """Return the address to fetch; without a scheme, https.

    Raises:
        UrlError: it is none; the message says what is missing.
    """
    return fetch_url(given if "://" in given else f"https://{given}")
