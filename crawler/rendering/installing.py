"""Brings a browser to a machine that has none: `python -m crawler.rendering.installing`, for `make setup`.

Playwright's own is tried first, for a short time, then the system's package manager. It never fails: where
none can be had, the pages that need one are skipped with that reason, and everything else runs.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

from crawler.config import environment_of_programs, load_config
from crawler.errors import CrawlerError
from crawler.rendering.finding import Found, find_browser

DOWNLOAD_S: Final = 180.0
PACKAGES_S: Final = 600.0
STARTS_S: Final = 20.0

Run = Callable[[Sequence[str], float], bool]

_PLAYWRIGHT: Final = (sys.executable, "-m", "playwright")
_MANAGERS: Final[tuple[tuple[tuple[str, ...], ...], ...]] = (
    (
        ("apt-get", "update", "-qq"),
        ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"),
    ),
    (("dnf", "install", "-y", "-q", "chromium"),),
    (("apk", "add", "-q", "chromium"),),
    (("pacman", "-S", "--noconfirm", "chromium"),),
)


def install(configured: str, run: Run, tell: Callable[[str], object]) -> Found | None:
    """Return the machine's browser, installed where there was none, and tell what was done.

    Raises:
        ConfigError: the operator names one that is not there.
    """
    found = find_browser(configured)
    if found is not None:
        return found
    tell("no browser on this machine: trying Playwright's own, then the system's packages")
    if run([*_PLAYWRIGHT, "install", "--only-shell", "chromium"], DOWNLOAD_S):
        found = find_browser()
        if found is not None and run([str(found.path), "--version"], STARTS_S):
            return found
        # It lacks libraries of the system, and would stand in the way of the system's own.
        run([*_PLAYWRIGHT, "uninstall"], STARTS_S)
    for steps in _MANAGERS:
        if shutil.which(steps[0][0]):
            for step in steps:
                run(step, PACKAGES_S)
            break
    return find_browser()


def main() -> int:
    """Install, and say in one line what is wrong."""
    try:
        found = install(load_config().browser, _run, _tell)
    except CrawlerError as error:
        _tell(str(error))
        return 0
    if found is None:
        _tell("no browser could be had: pages that need one will be skipped, everything else runs")
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _run(command: Sequence[str], limit_s: float) -> bool:
    """Run a command without its output; return whether it did what it should."""
    try:
        done = subprocess.run(  # noqa: S603 - words of this module
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
            env=environment_of_programs({"DEBIAN_FRONTEND": "noninteractive"}),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
