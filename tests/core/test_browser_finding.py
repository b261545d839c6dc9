"""Which browser is taken, and how one comes to a machine that has none."""

import json
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from crawler.errors import ConfigError
from crawler.rendering.finding import Found, find_browser
from crawler.rendering.installing import install


def revision() -> str:
    """Return the revision of the browser that the installed Playwright drives."""
    spec = find_spec("playwright")
    assert spec is not None
    assert spec.origin is not None
    listed = Path(spec.origin).parent / "driver/package/browsers.json"
    browsers = json.loads(listed.read_text("utf-8"))["browsers"]
    return next(each["revision"] for each in browsers if each["name"] == "chromium-headless-shell")


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the only programs that there are, and one for what Playwright downloads."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "downloaded"))
    return tmp_path


def test_the_order_is_operator_playwright_system(machine: Path) -> None:
    assert find_browser() is None
    chrome = program(machine / "bin/google-chrome")
    assert find_browser() == Found(chrome, "the system's")
    chromium = program(machine / "bin/chromium")
    assert find_browser() == Found(chromium, "the system's")
    folder = machine / f"downloaded/chromium_headless_shell-{revision()}"
    own = program(folder / "chrome-headless-shell-linux64/chrome-headless-shell")
    assert find_browser() == Found(own, "Playwright's own")
    assert find_browser(str(chrome)) == Found(chrome, "configured")
    with pytest.raises(ConfigError, match="is no program; give the path"):
        find_browser(str(machine / "nowhere"))


def test_another_revision_than_playwright_drives_is_left_alone(machine: Path) -> None:
    program(machine / "downloaded/chromium_headless_shell-1/chrome-linux/headless_shell")
    assert find_browser() is None


class Machine:
    """Runs commands by doing what they would do; those in *broken* fail."""

    def __init__(self, root: Path, *broken: str) -> None:
        self.root = root
        self.broken = broken
        self.ran: list[str] = []

    def __call__(self, command: Sequence[str], limit_s: float) -> bool:
        assert 0 < limit_s <= 600
        words = " ".join(command[2:4] if command[1:2] == ["-m"] else command[:2])
        self.ran.append(words)
        downloaded = self.root / "downloaded"
        if any(word in words for word in self.broken):
            return False
        if words == "playwright install":
            folder = downloaded / f"chromium_headless_shell-{revision()}"
            program(folder / "chrome-headless-shell-linux64/chrome-headless-shell")
        if words == "playwright uninstall":
            shutil.rmtree(downloaded)
        if words == "apt-get install":
            program(self.root / "bin/chromium")
        return True


def test_nothing_is_installed_where_there_is_one(machine: Path) -> None:
    chromium = program(machine / "bin/chromium")
    run, told = Machine(machine), list[str]()
    assert install("", run, told.append) == Found(chromium, "the system's")
    assert (run.ran, told) == ([], [])


def test_playwrights_own_is_tried_before_the_systems(machine: Path) -> None:
    program(machine / "bin/apt-get")
    run, told = Machine(machine), list[str]()
    found = install("", run, told.append)
    assert found is not None
    assert found.origin == "Playwright's own"
    assert run.ran[0] == "playwright install"
    assert not any("apt-get" in words for words in run.ran)
    assert len(told) == 1


@pytest.mark.parametrize("broken", ["playwright install", "--version"])
def test_where_it_cannot_be_had_or_does_not_run_the_systems_is_installed(machine: Path, broken: str) -> None:
    program(machine / "bin/apt-get")
    run = Machine(machine, broken)
    assert install("", run, print) == Found(machine / "bin/chromium", "the system's")
    assert run.ran[-2:] == ["apt-get update", "apt-get install"]


def test_where_nothing_helps_there_is_none(machine: Path) -> None:
    assert install("", Machine(machine, "playwright"), print) is None
