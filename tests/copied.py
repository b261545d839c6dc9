"""A copy of the project in which a test may do what an author does: make, record and crawl an outlet."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.crawling import CRAWL_S
from tests.newsworld.running import ROOT

FOLDERS = ("crawler", "pipelines", "spiders", "tests")
FILES = ("scrapy.cfg", "pyproject.toml")
PYTHON = shlex.quote(sys.executable)
TOOLS = {
    ".venv/bin/python": PYTHON,
    ".venv/bin/scrapy": f"{PYTHON} -m scrapy",
    ".venv/bin/pantau": f"{PYTHON} -m crawler.cli.main",
}
NO_CACHE = "-p no:cacheprovider"


@dataclass(frozen=True)
class Project:
    """A copy of the project and the environment that its commands run in."""

    root: Path
    environ: Mapping[str, str]

    def run(self, line: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line of a document in the project's folder, by the interpreter of this test."""
        for tool, here in TOOLS.items():
            line = line.replace(tool, here)
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.root,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=CRAWL_S,
            check=False,
        )

    def files(self) -> dict[str, bytes]:
        """Return everything that an author could change, by its place."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
        }


def copy_project(folder: Path) -> Path:
    """Copy the project into an empty folder and return that."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder
