"""Where a browser is: as the operator says, else Playwright's own Chromium, else one of the system."""

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import attrs

from crawler.config import playwright_folders
from crawler.errors import ConfigError

ON_PATH: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NEXT_STEP: Final = "run `make setup`, or install Chromium and set `browser` in pantau.toml to its path"

_EXECUTABLES: Final = (
    "chrome*/chrome-headless-shell",
    "chrome*/headless_shell",
    "chrome*/chrome",
    "chrome*/Chromium.app/Contents/MacOS/Chromium",
)


@attrs.frozen
class Found:
    """A browser: its executable, and where it comes from in a few words."""

    path: Path
    origin: str


def find_browser(configured: str = "") -> Found | None:
    """Return the browser that rendered pages are read with; None where this machine has none.

    Raises:
        ConfigError: the operator names one that is not there.
    """
    if configured:
        named = shutil.which(configured)
        if named is None:
            raise ConfigError(f"browser: {configured!r} is no program; give the path of a Chromium or Chrome")
        return Found(Path(named), "configured")
    for path in _playwrights_own():
        return Found(path, "Playwright's own")
    for name in ON_PATH:
        if executable := shutil.which(name):
            return Found(Path(executable), "the system's")
    return None


def _playwrights_own() -> Iterator[Path]:
    """Yield the executables of the very revision that the installed Playwright drives, the smaller first."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return
    listed = Path(spec.origin).parent / "driver" / "package" / "browsers.json"
    try:
        revisions = {
            each["name"]: each["revision"] for each in json.loads(listed.read_text("utf-8"))["browsers"]
        }
    except (OSError, ValueError, KeyError):
        return
    for name in ("chromium-headless-shell", "chromium"):
        folder = f"{name.replace('-', '_')}-{revisions.get(name)}"
        for parent in playwright_folders():
            for pattern in _EXECUTABLES:
                yield from (path for path in sorted((parent / folder).glob(pattern)) if path.is_file())
