"""`pantau metrics`: the metrics once, on the terminal or in a file for a collector of text files."""

from pathlib import Path

from crawler.cli.declared import declared_outlets
from crawler.cli.output import print_json, say
from crawler.config import Config
from crawler.metrics import exposition, registry_of
from crawler.storage import disk

READABLE = 0o644  # a collector is another user


def show_metrics(config: Config, to: Path | None, *, as_json: bool = False) -> int:
    """Print the metrics, or write them to a file that is replaced at once and whole; return 0."""
    declared = declared_outlets(config)
    if to is not None:
        with disk.writing(to, READABLE) as file:
            file.write(exposition(config, declared))
    elif as_json:
        for family in registry_of(config, declared).collect():
            for sample in family.samples:
                print_json({"name": sample.name, "labels": dict(sample.labels), "value": sample.value})
    else:
        for line in exposition(config, declared).decode().splitlines():
            say(line)
    return 0
