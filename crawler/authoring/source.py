"""Python source of declarations: literals that fit the line, rungs as an outlet writes them down."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from crawler.authoring.findings import Look
from crawler.discovery.feed import Feed
from crawler.discovery.listing import Rung
from crawler.discovery.pages import DatedIndex, NewestPages, Search, TagPages
from crawler.discovery.sitemap import Sitemap

WIDTH = 110
_TAB = "    "
_MODULES = {
    Sitemap: "crawler.discovery.sitemap",
    Feed: "crawler.discovery.feed",
    DatedIndex: "crawler.discovery.pages",
    NewestPages: "crawler.discovery.pages",
    Search: "crawler.discovery.pages",
    TagPages: "crawler.discovery.pages",
}
_ORDER = tuple(_MODULES)
_BREAKS = ("&", "?", "|", ", ", "/")


def ladder(look: Look) -> tuple[Rung, ...]:
    """Return the rungs that an outlet should begin with: the first usable of each kind, cheapest first."""
    first: dict[type[Rung], Rung] = {}
    for rung in look.rungs:
        first.setdefault(type(rung), rung)
    return tuple(first[kind] for kind in _ORDER if kind in first)


def ladder_source(look: Look, site: str) -> list[str]:
    """Return `discovery = …` as lines of a class body; nothing where no list can be used."""
    if look.wordpress and look.rungs:
        return [f"discovery = wordpress_ladder({literal(site)})"]
    rungs = ladder(look)
    return (
        ["discovery = (", *(f"{_TAB}{line}" for rung in rungs for line in rung_source(rung)), ")"]
        if rungs
        else []
    )


def ladder_imports(look: Look) -> list[str]:
    """Return the import lines that the source of the ladder needs."""
    if look.wordpress and look.rungs:
        return ["from crawler.discovery.wordpress import wordpress_ladder"]
    return imports_of(type(rung) for rung in ladder(look))


def imports_of(kinds: Iterable[type[Rung]]) -> list[str]:
    """Return the lines that import these kinds of rungs, sorted."""
    by_module: dict[str, set[str]] = {}
    for kind in kinds:
        by_module.setdefault(_MODULES[kind], set()).add(kind.__name__)
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())]


def rung_source(rung: Rung) -> list[str]:
    """Return a rung as it is written into a ladder, with what differs from the defaults."""
    given = {
        field.name: value
        for field in attrs.fields(type(rung))
        if field.init and (value := getattr(rung, field.name)) != _default(field)
    }
    name = type(rung).__name__
    one_line = f"{name}({', '.join(f'{key}={literal(value)}' for key, value in given.items())}),"
    if len(one_line) + 2 * len(_TAB) <= WIDTH and len(given) <= 2:  # noqa: PLR2004 - more is read better in lines
        return [one_line]
    lines = [f"{name}("]
    for key, value in given.items():
        lines += _argument(key, value)
    return [*lines, "),"]


def _default(field: "attrs.Attribute[Any]") -> object:
    default = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type, union-attr]


def _argument(key: str, value: object) -> list[str]:
    line = f"{_TAB}{key}={literal(value)},"
    if len(line) + 2 * len(_TAB) <= WIDTH or not isinstance(value, str):
        return [line]
    first, *others = parts_of(value, WIDTH - 4 * len(_TAB) - len(key))
    lines = [f"{_TAB}{key}={literal(first)}", *(f"{_TAB}{literal(part)}" for part in others)]
    return [*lines[:-1], f"{lines[-1]},"]


def parts_of(text: str, most: int) -> list[str]:
    """Return a long text in parts of at most *most* characters, cut before signs where addresses divide."""
    parts = []
    while len(text) > most:
        at = max((text.rfind(sign, most // 3, most) for sign in _BREAKS), default=-1)
        at = at if at > 0 else most
        parts.append(text[:at])
        text = text[at:]
    return [*parts, text]


def literal(value: Any) -> str:  # noqa: ANN401 - what a declaration holds
    """Return a value as Python source with double quotes; a pattern with backslashes is raw."""
    if isinstance(value, str):
        if "\\" in value and '"' not in value and not value.endswith("\\") and value.isprintable():
            return f'r"{value}"'
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if isinstance(value, tuple):
        inner = ", ".join(literal(each) for each in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(name)}: {literal(each)}' for name, each in value.items())}}}"
    return repr(value)


def named(name: str, value: str | Sequence[str], indent: int = 4) -> list[str]:
    """Return `name = value` as lines of a class body that keep to the width."""
    line = f"{name} = {literal(value)}"
    if len(line) + indent <= WIDTH or not isinstance(value, str):
        return [line]
    raw = literal(value).startswith("r")
    parts = parts_of(value, WIDTH - indent - 8)
    written = [f'r"{part}"' if raw else literal(part) for part in parts]
    return [f"{name} = (", *(f"{_TAB}{part}" for part in written), ")"]
