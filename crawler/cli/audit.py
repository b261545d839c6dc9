"""`pantau audit`: whether store, archive and accounts agree."""

import attrs

from crawler.cli.output import print_json, say
from crawler.cli.store import opened
from crawler.config import Config
from crawler.storage.audit import AuditReport, audit
from crawler.storage.places import archive_of


def audit_store(config: Config, *, as_json: bool = False) -> int:
    """Print each check with its figures; return 1 where one found a fault, else 0."""
    with opened(config) as engine:
        report = audit(engine, archive_of(config))
    print_report(report, as_json=as_json)
    return int(not report.ok)


def print_report(report: AuditReport, *, as_json: bool) -> None:
    """Print each check with its figures."""
    for check in report.checks:
        if as_json:
            print_json({**attrs.asdict(check), "ok": check.ok})
            continue
        found = "ok" if check.ok else f"{check.faults} FAULTS"
        say(f"{found}  {check.name}: {check.promise} ({check.looked_at} looked at)")
        for example in check.examples:
            say(example, indent=4)
        if check.faults > len(check.examples):
            say(f"and {check.faults - len(check.examples)} more", indent=4)
    if not (report.ok or as_json):
        say("The store differs from what it says of itself: restore a backup, or report the lines above.")
