"""The documents say what is so: commands, options, settings, files, links and rules are those of the code."""

import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator

import pytest
import scrapy.commands
import typer.main

import crawler.commands
from crawler.alert_rules import SCALARS, AlertRule
from crawler.cli import main as cli
from crawler.cli.outlet_table import BEGIN, END, markdown_table
from crawler.cli.spiders import ANY_SITE, load_spiders
from crawler.config import ENV_PREFIX, SCALAR_KEYS, Config, OutletConfig
from crawler.health import Word
from tests.newsworld.running import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXAMPLE = (ROOT / "pantau.example.toml").read_text(encoding="utf-8")
APP = typer.main.get_command(cli.app)
OF_EVERY_COMMAND = {"--help", "--json"}
# Besides the outlets' own hosts, documents name only reserved ones.
RESERVED = re.compile(r"(?:[\w-]+\.)*(?:example\.(?:org|com|net)|[\w-]+\.example|localhost)")
# What a reader makes, and what there must not be.
NEW_OUTLET = "kabarnusa"
NOT_THERE = {"pantau.toml", "utils.py"}

every = pytest.mark.parametrize("name", DOCUMENTS)


def options_of(command: object) -> set[str]:
    """Return the long options of a command."""
    return {name for option in command.params for name in option.opts if name.startswith("--")}  # type: ignore[attr-defined]


COMMANDS = {name: options_of(command) for name, command in APP.commands.items()}  # type: ignore[attr-defined]


def code_of(text: str) -> Iterator[str]:
    """Yield every line of code in a document: blocks, indented lines, and spans in a sentence."""
    for block in re.findall(r"^```(?:sh|text)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", text)


def calls_of(text: str, program: str) -> Iterator[list[str]]:
    """Yield the words behind each call of a program in a document's code, comments left out."""
    for line in code_of(text):
        found = re.match(rf"(?:.*&& )?(?:\.venv/bin/)?{program} (.+)", line.strip())
        if found:
            yield shlex.split(found[1].replace("…", ""), comments=True)


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the table whose first heading is that."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.replace("\\|", "¦").strip("|").split("|")])
    return table


# --- Commands


@every
def test_every_command_and_option_named_exists(name: str) -> None:
    for words in calls_of(DOCUMENTS[name], "pantau"):
        own, known = "", options_of(APP)
        for word in words:
            if word.startswith("--"):
                option = word.partition("=")[0]
                assert option in known, f"pantau {own} has no option {option}"
            elif not own and re.fullmatch(r"[a-z]+", word):
                assert word in COMMANDS, f"there is no command {word!r}"
                own, known = word, COMMANDS[word]


def test_the_readme_calls_something() -> None:
    assert len(list(calls_of(README, "pantau"))) >= len(COMMANDS)


def test_the_table_of_commands_is_complete() -> None:
    named = {}
    for call, does in rows(README, "command"):
        command = call.strip("`").split()[1]
        options = set(re.findall(r"`(--[a-z-]+)", does)) | set(re.findall(r"--[a-z-]+", call))
        named[command] = options
    assert set(named) == set(COMMANDS)
    for command, options in named.items():
        assert options == COMMANDS[command] - OF_EVERY_COMMAND, command


def test_options_of_all_commands_are_named() -> None:
    assert all(f"`{option}`" in README or f"pantau {option}" in README for option in options_of(APP))


def test_json_is_promised_where_it_is() -> None:
    without = {command for command, options in COMMANDS.items() if "--json" not in options}
    assert without == {"export", "serve"}


def test_the_statuses_are_those_of_the_command_line() -> None:
    statuses = [int(status) for status, _ in rows(README, "status")]
    assert statuses == [0, cli.UNHEALTHY, cli.WRONG_USE]


@every
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for words in calls_of(DOCUMENTS[name], "make"):
        assert words[0] in targets, f"make {words[0]}"


@every
def test_scrapy_commands_exist(name: str) -> None:
    paths = [*scrapy.commands.__path__, *crawler.commands.__path__]
    known = {module.name for module in pkgutil.iter_modules(paths)}
    for words in calls_of(DOCUMENTS[name], "scrapy"):
        assert words[0] in known, f"scrapy {words[0]}"


# --- Configuration


def written(default: object) -> str:
    """Return a default as the README's table has it."""
    if default is None:
        return "unset"
    default = list(default) if isinstance(default, tuple) else default
    return str(default).lower() if isinstance(default, bool) else str(default) or "empty"


def test_the_table_of_settings_is_the_configuration() -> None:
    table = {key.strip("`"): (variable, default) for key, variable, default, _ in rows(README, "key")}
    wanted = {
        key: (f"`{ENV_PREFIX}{key.upper()}`", written(Config.model_fields[key].get_default()))
        for key in SCALAR_KEYS
    } | {
        f"outlets.NAME.{key}": ("–", written(field.get_default()))
        for key, field in OutletConfig.model_fields.items()
    }
    assert {key: (variable, default.strip("`")) for key, (variable, default) in table.items()} == wanted


def test_the_example_has_every_key_with_its_default() -> None:
    keys = re.findall(r"^#(\w+) =(.*)$", EXAMPLE, re.MULTILINE)
    top, rest = keys[: len(SCALAR_KEYS)], keys[len(SCALAR_KEYS) :]
    own, told = rest[: len(OutletConfig.model_fields)], rest[len(OutletConfig.model_fields) :]
    assert [key for key, _ in told] == [*SCALARS, *AlertRule.model_fields]
    rule = tomllib.loads("".join(f"{key} = {value}\n" for key, value in told[len(SCALARS) :]))
    wanted = {"channel": rule["channel"], "on": rule["on"]}
    assert AlertRule.model_validate(rule) == AlertRule.model_validate(wanted)
    assert [key for key, _ in top] == list(SCALAR_KEYS)
    assert [key for key, _ in own] == list(OutletConfig.model_fields)
    assert "#[outlets.kontan]\n" in EXAMPLE
    given = "".join(f"{key} = {value}\n" for key, value in top if value.strip())
    values = tomllib.loads(given)
    assert Config.model_validate(values) == Config()
    assert set(SCALAR_KEYS) - set(values) == {"now"}


def test_the_example_as_it_stands_changes_nothing() -> None:
    assert tomllib.loads(EXAMPLE) == {}


# --- Outlets


def test_the_table_of_outlets_is_what_their_files_declare() -> None:
    table = README.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    assert table == markdown_table(), "`make outlets-table` writes it anew"


def test_the_table_of_outlets_has_a_row_for_each_with_site_and_ways() -> None:
    table = {name.strip("`"): cells for name, *cells in rows(README, "outlet")}
    spiders = load_spiders()
    assert set(table) == set(spiders)
    for name, spider in spiders.items():
        what, site, found_by, rendered, crawled = table[name]
        assert all((what, site, found_by)), name
        assert rendered in {"yes", "no"}
        if name != ANY_SITE:
            assert all(domain in site for domain in spider.allowed_domains)
            assert (crawled == "yes") == (spider.quarantine is None)


def test_every_word_of_health_is_explained() -> None:
    explained = [word for word, *_ in rows(DOCUMENTS["docs/operations.md"], "health")]
    assert sorted(explained) == sorted(Word)


# --- Files, links, hosts


@every
def test_links_between_documents_resolve(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)]+)\)", DOCUMENTS[name]):
        path, _, anchor = target.partition("#")
        assert "://" not in target
        linked = (folder / path).resolve() if path else ROOT / name
        assert linked.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"\W+", "-", heading.lower()).strip("-") for heading in headings}


@every
def test_files_named_are_there(name: str) -> None:
    text = re.sub(r"^```python\n.*?^```", "", DOCUMENTS[name], flags=re.DOTALL | re.MULTILINE)
    for span in re.findall(r"`(\w[\w./-]*(?:\.(?:py|toml|md|cfg)|/))`", text):
        if span in NOT_THERE or NEW_OUTLET in span:
            continue
        somewhere = "/" not in span and any((ROOT / "crawler").rglob(span))
        assert somewhere or (ROOT / span).exists() or (ROOT / "crawler" / span).exists(), span


@every
def test_no_host_is_named_but_the_outlets_and_reserved_ones(name: str) -> None:
    domains = [domain for spider in load_spiders().values() for domain in spider().allowed_domains]
    for host in re.findall(r"https?://([\w.-]+)", DOCUMENTS[name] + EXAMPLE):
        known = any(host == domain or host.endswith(f".{domain}") for domain in domains)
        assert known or RESERVED.fullmatch(host), host


# --- What others say too


def test_the_ruff_ignores_are_argued() -> None:
    lint = PROJECT["tool"]["ruff"]["lint"]
    text = DOCUMENTS["CONTRIBUTING.md"]
    argued = {rule for cells in rows(text, "rule") for rule in re.findall(r"`(\w+)`", cells[0])}
    assert argued == set(lint["ignore"])
    in_tests = next(line for line in text.splitlines() if line.startswith("In tests also"))
    assert set(re.findall(r"`(\w+)`", in_tests)) == set(lint["per-file-ignores"]["tests/**"])


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = DOCUMENTS["docs/architecture.md"].partition("crawler/        knows")[2].partition("```")[0]
    assert [line.strip().replace(" · ", " | ") for line in drawn.splitlines()[1:] if line.strip()] == layers


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    sections = re.findall(r"^## (.+)$", DOCUMENTS["CHANGELOG.md"], re.MULTILINE)
    assert sections[0] == "Unreleased"


def test_contributing_opens_with_adding_an_outlet() -> None:
    assert re.findall(r"^## (.+)$", DOCUMENTS["CONTRIBUTING.md"], re.MULTILINE)[0] == "Add an outlet"
