"""Where an outlet's files are in a checkout of the project."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import attrs

from crawler.errors import ConfigError

UNRECORDED, UNREVIEWED = "unrecorded", "unreviewed"
ARTICLE = "article"  # the slug of a page that is given none


@attrs.frozen
class Places:
    """The files of one outlet: `spider`, and in `fixtures` its recorded pages with their goldens."""

    root: Path
    name: str

    @property
    def spider(self) -> Path:
        """The outlet's file."""
        return self.root / "spiders" / f"{self.name}.py"

    @property
    def fixtures(self) -> Path:
        """The folder of its recorded pages."""
        return self.root / "tests" / "fixtures" / self.name

    def shown(self, path: Path) -> str:
        """Return a path as it is from the project's folder."""
        return path.relative_to(self.root).as_posix()


def places_of(name: str, spiders_module: str) -> Places:
    """Return where the outlet *name* is kept.

    Raises:
        ConfigError: this is no checkout, so there is nowhere to write.
    """
    origin = import_module(spiders_module).__file__
    root = Path(origin or "").parent.parent
    if not (root / "tests" / "fixtures").is_dir():
        raise ConfigError(f"{root} holds no tests/fixtures: work in a checkout of the project")
    return Places(root.resolve(), name)


def write_new(files: Mapping[Path, str]) -> None:
    """Write files that must not be there yet: all of them, or none.

    Raises:
        ConfigError: one is there already, or cannot be written; nothing is overwritten.
    """
    there = next((path for path in files if path.exists()), None)
    if there is not None:
        raise ConfigError(
            f"{there} is there already, and nothing is overwritten; remove it or take another name"
        )
    written: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        _remove(written)
        raise ConfigError(f"{error.filename}: {error.strerror}; nothing was written") from error


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
