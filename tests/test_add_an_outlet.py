"""What `docs/add-an-outlet.md` says is done here, step by step: every command, and what its reader edits.

The outlet is one that the news world has and the project has not. Its author is played by this test: it takes
the finished file from the document, and reviews the golden by the truth of the world.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from crawler.text.normalise import fold
from tests.copied import NO_CACHE, Project, copy_project
from tests.crawling import against_truth, crawl_environ, runs_of, small_world, stored
from tests.newsworld.model import Article
from tests.newsworld.running import ROOT, Running, on_air
from tests.recorded import FIELDS

NAME = "kabarnusa"
DOCUMENT = (ROOT / "docs/add-an-outlet.md").read_text(encoding="utf-8")
MAX_DECLARED_LINES = 20
SPIDER, GOLDEN = f"spiders/{NAME}.py", f"tests/fixtures/{NAME}/article.json"
PAGE = GOLDEN.replace(".json", ".html")

Done = subprocess.CompletedProcess[str]


def blocks(language: str) -> list[str]:
    """Return the document's blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]
# Between the commands, in the document's order: what its reader does after the command of that number.
FILLED_IN_AFTER = next(at for at, line in enumerate(COMMANDS) if " genspider " in line)
# A long address stands in lines of its own.
SAMPLE_FORM = {"    sample_url = (", "    )"}
REVIEWED_AFTER = next(at for at, line in enumerate(COMMANDS) if " extract " in line)


@dataclass
class Followed:
    """The document followed to its end: what each command printed, and what was there in between."""

    project: Project
    running: Running
    data: Path
    article: Article
    before: dict[str, bytes]
    done: list[Done] = field(default_factory=list)
    generated: str = ""
    proposed: dict[str, Any] = field(default_factory=dict)

    def of(self, word: str) -> list[Done]:
        """Return what the commands with that word in them did."""
        return [done for line, done in zip(COMMANDS, self.done, strict=True) if f" {word} " in f"{line} "]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """Run every command of the document in a copy of the project, and edit what it says between them."""
    root, data = copy_project(tmp_path_factory.mktemp("project")), tmp_path_factory.mktemp("data")
    with on_air(small_world(NAME)) as running:
        project = Project(root, crawl_environ(running, data))
        article = next(
            each
            for each in running.world.truth(on_topic=True)
            if each.split == 1 and each.byline and each.dateline
        )
        followed = Followed(project, running, data, article, project.files())
        for at, line in enumerate(COMMANDS):
            quiet = f"{line} -rA {NO_CACHE}" if "pytest" in line else line
            followed.done.append(project.run(quiet, URL=article.url))
            if at == FILLED_IN_AFTER:
                followed.generated = (root / SPIDER).read_text(encoding="utf-8")
                (root / SPIDER).write_text(blocks("python")[0], encoding="utf-8")
            if at == REVIEWED_AFTER:
                followed.proposed = json.loads((root / GOLDEN).read_text(encoding="utf-8"))
                reviewed = {name: value for name, value in followed.proposed.items() if name != "unreviewed"}
                (root / GOLDEN).write_text(json.dumps(reviewed, ensure_ascii=False), encoding="utf-8")
        yield followed


def shape(text: str) -> str:
    """Return a text with its letters made alike: what stays of it when its words are invented."""
    return re.sub(r"[^\W\d_]", lambda found: "X" if found[0].isupper() else "x", fold(text))


# --- The document


def test_the_declaration_is_short() -> None:
    code = blocks("python")[0].split('"""')[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= MAX_DECLARED_LINES


def test_the_golden_in_the_document_has_the_form_of_goldens() -> None:
    (golden,) = map(json.loads, blocks("json"))
    assert set(golden) == {"url", "unreviewed", *FIELDS}


# --- Its steps


def test_every_command_does_what_is_said_of_it(followed: Followed) -> None:
    (_, failing, *_), statuses = followed.of("pytest"), [done.returncode for done in followed.done]
    assert failing.returncode == 0
    unfinished = COMMANDS.index(next(line for line in COMMANDS if "pytest" in line))
    assert statuses == [int(at == unfinished) for at in range(len(COMMANDS))], [
        done.stdout[-800:] + done.stderr[-800:] for done in followed.done if done.returncode
    ]


def test_a_look_prints_what_the_document_shows(followed: Followed) -> None:
    printed = followed.of("probe")[0].stdout.splitlines()
    for line in blocks("text")[0].splitlines():
        pattern = line.replace("[", "[[]").replace("…", "*")
        assert any(fnmatchcase(each, pattern) for each in printed), f"{line}\n{chr(10).join(printed)}"


def test_the_generated_file_is_the_finished_one_but_for_what_is_to_be_filled_in(followed: Followed) -> None:
    finished = blocks("python")[0].splitlines()
    other = [line for line in followed.generated.splitlines() if line not in finished]
    assert [line for line in other if "FILL IN" not in line] == [
        "Discovery: as any WordPress site.",
        *(line for line in other if line in SAMPLE_FORM or followed.article.url in line),
    ]
    assert len([line for line in other if "FILL IN" in line]) == 2


def test_no_file_of_the_project_was_edited(followed: Followed) -> None:
    after = followed.project.files()
    assert {name: after[name] for name in followed.before} == followed.before
    assert set(after) - set(followed.before) == {SPIDER, PAGE, GOLDEN}


def test_an_outlet_without_a_recorded_page_is_noticed(followed: Followed) -> None:
    first = followed.of("pytest")[0]
    assert f"{GOLDEN}: no page is recorded yet; do it by: .venv/bin/scrapy record {NAME} " in first.stdout


def test_the_proposed_golden_is_true_of_the_article_in_all_but_its_words(followed: Followed) -> None:
    article, golden = followed.article, followed.proposed
    assert "unreviewed" in golden
    assert golden["published_at"] == article.published_at.isoformat("T", "minutes")
    assert (golden["dateline"], golden["source"], golden["editors"]) == (article.dateline, None, [])
    assert golden["body_from"] == "selector"
    assert shape(golden["headline"]) == shape(article.headline)
    for name, texts in (("byline", article.byline), ("body", article.body), ("captions", article.captions)):
        assert [shape(text) for text in golden[name]] == [shape(text) for text in texts], name


def test_the_recorded_page_holds_none_of_the_publishers_sentences(followed: Followed) -> None:
    page = fold((followed.project.root / PAGE).read_text(encoding="utf-8"))
    for text in (followed.article.headline, *followed.article.body, *followed.article.byline):
        assert len(text) < 30 or fold(text) not in page


def test_the_outlets_tests_run_and_hold_without_being_edited(followed: Followed) -> None:
    last = followed.of("pytest")[-1]
    for test in (f"test_field[{NAME}/article-body]", f"test_everything_is_declared[{NAME}]"):
        assert re.search(rf"^PASSED \S+::{re.escape(test)}$", last.stdout, re.MULTILINE), test


def test_the_commands_know_it(followed: Followed) -> None:
    assert NAME in followed.project.run(".venv/bin/scrapy list").stdout.split()
    assert followed.of("search")[0].stdout.strip()


def test_a_crawl_of_it_stores_what_it_published(followed: Followed) -> None:
    assert runs_of(followed.data)[0].verdict == "healthy"
    found = against_truth(followed.running, followed.data)
    assert found.expected > 0
    assert found.faults() == {}
    assert {article.outlet for article in stored(followed.data)} == {NAME}
