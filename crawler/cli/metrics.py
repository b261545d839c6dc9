"""`pantau metrics`: the metrics once, on the terminal or in a file for a collector of text files."""

from pathlib import Path

from crawler.cli.output import print_json, say
from crawler.config import Config
from crawler.storage import disk
from crawler.storage.metrics import exposition, registry_of

READABLE = 0o644  # a collector is another user


def show_metrics(config: Config, to: Path | None, *, as_json: bool = False) -> int:
    """Print the metrics, or write them to a file that is replaced at once and whole; return 0."""
    if to is not None:
        with disk.writing(to, READABLE) as file:
            file.write(exposition(config))
    elif as_json:
        for family in registry_of(config).collect():
            for sample in family.samples:
                print_json({"name": sample.name, "labels": dict(sample.labels), "value": sample.value})
    else:
        for line in exposition(config).decode().splitlines():
            say(line)
    return 0
