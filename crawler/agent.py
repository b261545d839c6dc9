"""How pantau names itself: by its product token and, where the operator gave one, a way to reach them."""

import re
from importlib.metadata import PackageNotFoundError, version

from crawler.errors import ConfigError

PRODUCT = "pantau"  # the token that robots.txt rules are looked up by, whatever the rest of the name

# The browser whose shape is borrowed; the version only has to be a plausible one.
_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_CONTACT = re.compile(r"[\x21-\x27\x2a-\x3a\x3c-\x7e]{1,200}")  # printable ASCII without blanks, (, ) and ;


def plain(contact: str = "") -> str:
    """Return the ordinary name: `Mozilla/5.0 (compatible; pantau/0.1.0; +CONTACT)`.

    Raises:
        ConfigError: *contact* is neither an address nor a URL that fits into a header.
    """
    return f"Mozilla/5.0 ({_ourselves(contact)})"


def browser_shaped(contact: str = "") -> str:
    """Return the name for an outlet that turns bare clients away: a browser's, with our own appended.

    Raises:
        ConfigError: as `plain`.
    """
    return f"{_BROWSER} ({_ourselves(contact)})"


def _ourselves(contact: str) -> str:
    contact = contact.strip()
    if contact and not _CONTACT.fullmatch(contact):
        raise ConfigError(
            f"contact {contact!r} cannot be sent; give an e-mail address or a URL, without blanks"
        )
    reach = f"; +{contact}" if contact else ""
    return f"compatible; {PRODUCT}/{_version()}{reach}"


def _version() -> str:
    try:
        return version(PRODUCT)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
