"""A process that has Scrapy and the crawler's modules in memory and forks a crawl from them when told.

Each crawl is a process of its own, as with `python -m scrapy crawl …`; what it saves is about a second of
imports. Nothing that reads the environment is imported here, and no reactor: the child does both. The
protocol, one JSON object a line: in `{"arguments": […], "environ": {…}, "log": PATH}`, out `{"pid": …}`, then
`{"status": …}`, negative for a signal. It ends when its input does.
"""

import gc
import importlib
import json
import os
import pkgutil
import sys
from typing import NoReturn

# What a crawl imports, but for what reads the environment when imported.
PACKAGES = ("crawler.discovery", "crawler.middlewares", "crawler.extensions", "pipelines", "spiders")
MODULES = ("scrapy.commands.crawl", "crawler.commands.crawl", "crawler.session", "crawler.handlers")
FORBIDDEN = ("crawler.settings", "twisted.internet.reactor")


def main() -> None:
    """Serve until the input ends."""
    for name in MODULES:
        importlib.import_module(name)
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{name}.{module.name}")
    loaded = [name for name in FORBIDDEN if name in sys.modules]
    if loaded:
        sys.exit(f"forkserver: {', '.join(loaded)} must not be imported before the fork")
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _crawl(order["arguments"], order["environ"], order["log"])
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"status": os.waitstatus_to_exitcode(status)})


def _crawl(arguments: list[str], environ: dict[str, str], log: str) -> NoReturn:
    status = 1
    try:
        os.environ.clear()
        os.environ.update(environ)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.argv = ["scrapy", *arguments]
        from scrapy.cmdline import execute  # noqa: PLC0415 - already there, but for its settings

        execute(sys.argv)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what python would print before it ends
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _say(what: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
