"""From an address to an outlet that crawls: `scrapy genspider` and `scrapy record`, on a site of our own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.authored import BASE, NOW, Cakrawala
from tests.copied import NO_CACHE, Project, copy_project
from tests.crawling import crawl_environ, runs_of, stored
from tests.newsworld.running import on_air
from tests.newsworld.world import World

TESTS = f".venv/bin/python -m pytest -q {NO_CACHE} tests/test_fixtures.py tests/test_outlets.py -k cakrawala"


@pytest.fixture(scope="module")
def site() -> Cakrawala:
    return Cakrawala()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def project(site: Cakrawala, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = copy_project(tmp_path_factory.mktemp("project"))
    with on_air(World(1, NOW.date(), 1, 1, [], now=NOW, sites=[site])) as running:
        yield Project(root, crawl_environ(running, data))


@pytest.fixture(scope="module")
def generated(project: Project) -> dict[str, bytes]:
    """Declare the outlet as its site proposes; return what the project held before."""
    before = project.files()
    done = project.run(f".venv/bin/scrapy genspider --probe {BASE}/ cakrawala")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return before


def test_an_outlet_is_added_by_files_of_its_own(project: Project, generated: dict[str, bytes]) -> None:
    after = project.files()
    assert set(after) - set(generated) == {"spiders/cakrawala.py", "tests/fixtures/cakrawala/article.json"}
    assert all(after[name] == content for name, content in generated.items())


@pytest.mark.usefixtures("generated")
def test_what_is_unfinished_cannot_look_finished(project: Project) -> None:
    done = project.run(f"{TESTS} -rf")
    assert done.returncode == 1
    said = "tests/fixtures/cakrawala/article.json: no page is recorded yet; do it by: .venv/bin/scrapy record"
    assert said in done.stdout
    assert "spiders/cakrawala.py: lines [1, 4] say what is left to fill in" in done.stdout


@pytest.mark.usefixtures("generated")
def test_nothing_is_declared_twice(project: Project) -> None:
    before = project.files()
    for words, said in (
        ("-t feed cakrawala kabar.example", "is there already, and nothing is overwritten"),
        ("-t feed cakrawaladua www.cakrawala.example", "cakrawala.example is the outlet cakrawala already"),
    ):
        done = project.run(f".venv/bin/scrapy genspider {words}")
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert said in line
    assert project.files() == before


@pytest.fixture(scope="module")
def recorded(project: Project, site: Cakrawala, generated: dict[str, bytes]) -> Path:
    """Fill the declaration in, record an article and a page to be turned away; return their folder."""
    assert generated
    spider = project.root / "spiders/cakrawala.py"
    text = spider.read_text(encoding="utf-8").replace("FILL IN: what it is", "an invented daily")
    spider.write_text(text.replace("FILL IN: how its", "none in how its"), encoding="utf-8")
    for line in (
        f"--anonymise cakrawala {site.stories[-1].url}",
        f"--refused cakrawala {BASE}/topik/rusia tag",
    ):
        done = project.run(f".venv/bin/scrapy record {line}")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return project.root / "tests/fixtures/cakrawala"


def test_a_recorded_page_is_small_and_holds_no_word_of_its_own(recorded: Path, site: Cakrawala) -> None:
    assert {path.name for path in recorded.iterdir()} == {
        *("article.html", "article.json", "tag-refused.html", "tag-refused.json"),
    }
    page, golden = (recorded / "article.html").read_text(encoding="utf-8"), goldens_of(recorded)["article"]
    assert site.stories[-1].headline not in page
    assert "Ratna Wulandari" not in page
    assert "Penulis: " in page
    assert len(golden["body"]) == 5
    assert golden["dateline"] == "VLADIVOSTOK"
    assert golden["published_at"] == site.stories[-1].at.isoformat("T", "minutes")
    assert golden["body_from"] == "selector"
    assert goldens_of(recorded)["tag-refused"]["refused"] == "not_article"


def goldens_of(folder: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def test_a_golden_that_nobody_read_is_none(recorded: Path, project: Project) -> None:
    done = project.run(f"{TESTS} -rf")
    assert done.returncode == 1
    for name in ("article", "tag-refused"):
        assert f"tests/fixtures/cakrawala/{name}.json: written by `scrapy record`" in done.stdout
    for name, golden in goldens_of(recorded).items():
        del golden["unreviewed"]
        (recorded / f"{name}.json").write_text(json.dumps(golden), encoding="utf-8")
    done = project.run(TESTS)
    assert done.returncode == 0, done.stdout[-3000:]


def test_nothing_is_recorded_over_or_as_what_it_is_not(
    recorded: Path, project: Project, site: Cakrawala
) -> None:
    before, article = project.files(), site.stories[2].url
    for words, status, said in (
        (f"cakrawala {article}", 2, "article.html is there already, and nothing is overwritten"),
        (f"cakrawal {article}", 2, "unknown outlet 'cakrawal' (did you mean 'cakrawala'?)"),
    ):
        done = project.run(f".venv/bin/scrapy record {words}")
        assert (done.returncode, done.stdout) == (status, "")
        (line,) = done.stderr.splitlines()
        assert said in line
    assert recorded.is_dir()
    assert project.files() == before


@pytest.mark.usefixtures("recorded")
def test_the_proposed_ladder_finds_what_the_site_published(
    project: Project, data: Path, site: Cakrawala
) -> None:
    done = project.run(".venv/bin/pantau crawl cakrawala --since 2026-03-01 --until 2026-03-04")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert runs_of(data)[0].verdict == "healthy"
    wanted = {story.url for story in site.stories if story.at.day in {1, 2, 3} and "rusia" in story.tags}
    assert {article.canonical_url for article in stored(data)} == wanted
