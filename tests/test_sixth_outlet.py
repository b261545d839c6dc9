"""One short file and a recorded page make an outlet: what `docs/add-an-outlet.md` says is done here.

The file and the commands are those of the document; the outlet is one that the news world has and the project
has not.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.text.normalise import fold
from tests.crawling import CRAWL_S, DAYS, START, against_truth, crawl_environ, runs_of, small_world, stored
from tests.newsworld.model import Article
from tests.newsworld.running import ROOT, Running, on_air
from tests.recorded import FIELDS

NAME = "kabarnusa"
DOCUMENT = (ROOT / "docs/add-an-outlet.md").read_text(encoding="utf-8")
COPIED = ("crawler", "pipelines", "spiders", "tests")
PYTHON = shlex.quote(sys.executable)
TOOLS = {
    ".venv/bin/python": PYTHON,
    ".venv/bin/scrapy": f"{PYTHON} -m scrapy",
    ".venv/bin/pantau": f"{PYTHON} -m crawler.cli.main",
}
QUIET = "-p no:cacheprovider"
MAX_DECLARED_LINES = 20


def blocks(language: str) -> list[str]:
    """Return the document's blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def command(start: str) -> str:
    """Return the command of the document that begins like this, for the interpreter of this test."""
    (line,) = {line for block in blocks("sh") for line in block.splitlines() if line.startswith(start)}
    for tool, here in TOOLS.items():
        line = line.replace(tool, here)
    return line


@dataclass(frozen=True)
class Project:
    """A copy of the project with the sixth outlet in it, and the world that the outlet belongs to."""

    root: Path
    environ: Mapping[str, str]
    running: Running
    data: Path
    unrecorded: "subprocess.CompletedProcess[str]"

    def run(self, line: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line in the project's folder."""
        return shell(line, self.root, {**self.environ, **environ})


def shell(line: str, folder: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command line in a folder to its end."""
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=CRAWL_S,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Copy the project, declare the outlet as the document does, and test it before a page is recorded."""
    root = tmp_path_factory.mktemp("project")
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / f"spiders/{NAME}.py").write_text(blocks("python")[0], encoding="utf-8")
    data = tmp_path_factory.mktemp("data")
    with on_air(small_world(NAME)) as running:
        environ = crawl_environ(running, data)
        tests = f"{PYTHON} -m pytest -q {QUIET} tests/test_fixtures.py -k every_outlet"
        yield Project(root, environ, running, data, unrecorded=shell(tests, root, environ))


@pytest.fixture(scope="module")
def recorded(project: Project) -> Article:
    """Record one article by the document's command and write its golden from the truth."""
    article = next(each for each in project.running.world.truth(on_topic=True) if each.split == 1)
    folder = project.root / "tests/fixtures" / NAME
    for line in (command("mkdir"), command(".venv/bin/scrapy fetch")):
        done = project.run(line, URL=article.url)
        assert done.returncode == 0, done.stderr
    page = folder / "article.html"
    page.write_text(trimmed(page.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "article.json").write_text(json.dumps(golden_of(article)), encoding="utf-8")
    return article


def trimmed(page: str) -> str:
    """Return the page without style sheets and scripts, but with its linked data."""
    page = re.sub(r"<style[^>]*>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"<script(?![^>]*ld\+json)[^>]*>.*?</script>", "", page, flags=re.DOTALL)


def golden_of(article: Article) -> dict[str, object]:
    """Return what is true of the article, in the form of a golden."""
    return {
        "url": article.url,
        "headline": fold(article.headline),
        "standfirst": article.standfirst,
        "published_at": article.published_at.isoformat("T", "minutes"),
        "byline": article.byline,
        "editors": article.editors,
        "dateline": article.dateline,
        "source": article.source,
        "body": [fold(paragraph) for paragraph in article.body],
        "captions": [fold(caption) for caption in article.captions],
        "body_from": "selector",
    }


def test_the_declaration_is_short() -> None:
    code = blocks("python")[0].split('"""')[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= MAX_DECLARED_LINES


def test_the_golden_in_the_document_has_the_form_of_goldens() -> None:
    (golden,) = map(json.loads, blocks("json"))
    assert set(golden) == {"url", *FIELDS}


def test_an_outlet_without_a_recorded_page_is_noticed(project: Project) -> None:
    assert project.unrecorded.returncode == 1
    assert NAME in project.unrecorded.stdout


@pytest.mark.usefixtures("recorded")
def test_the_outlets_tests_run_and_hold_without_being_edited(project: Project) -> None:
    done = project.run(f"{command('.venv/bin/python -m pytest')} -rA {QUIET}")
    assert done.returncode == 0, done.stdout[-3000:]
    for test in (f"test_field[{NAME}/article-body]", f"test_everything_is_declared[{NAME}]"):
        assert re.search(rf"^PASSED \S+::{re.escape(test)}$", done.stdout, re.MULTILINE), test


def test_the_commands_know_it(project: Project) -> None:
    assert NAME in project.run(f"{PYTHON} -m scrapy list").stdout.split()
    listed = project.run(f"{PYTHON} -m crawler.cli.main outlets --json").stdout.splitlines()
    assert NAME in [json.loads(line)["outlet"] for line in listed]


def test_a_crawl_of_it_stores_what_it_published(project: Project) -> None:
    last = START + timedelta(days=DAYS - 1)
    crawl = command(f".venv/bin/pantau crawl {NAME} --limit").partition(" --limit")[0]
    done = project.run(f"{crawl} --since {START} --until {last}")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert runs_of(project.data)[0].verdict == "healthy"
    found = against_truth(project.running, project.data)
    assert found.expected > 0
    assert found.faults() == {}
    assert {article.outlet for article in stored(project.data)} == {NAME}
