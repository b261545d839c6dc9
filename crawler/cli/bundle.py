"""`pantau bundle`, `pantau verify`: articles with all that proves them, and the check of such a file."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from crawler.cli.inspect import found_article
from crawler.cli.output import complain, print_json, say
from crawler.cli.store import opened
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.exports.bundle import write_bundle
from crawler.exports.statement import as_of
from crawler.exports.verify import Checked, verify_bundle
from crawler.exports.writing import Digested, check_free, new_files
from crawler.storage.places import archive_of


def bundle_articles(  # noqa: PLR0913 - keyword-only, each is an option
    config: Config,
    which: Sequence[str],
    output: Path,
    *,
    revisions: bool = False,
    force: bool = False,
    as_json: bool = False,
) -> int:
    """Write the articles of these numbers or addresses into one file.

    Raises:
        ConfigError: there is no such article, or something is in the place of the output.
        StoreError: a record of the archive is lost.
    """
    check_free(output, folder=False, force=force)
    with opened(config) as engine:
        of = as_of(engine)
        chosen = {one.id: one for one in (found_article(engine, each) for each in which)}
        with new_files(output) as (file,):
            packed = Digested(file)
            ordered = [chosen[number] for number in sorted(chosen)]
            manifest = write_bundle(engine, archive_of(config), ordered, packed, of, revisions=revisions)
    if as_json:
        numbers = sorted(chosen)
        print_json(
            {"file": str(output), "bytes": packed.size, "articles": numbers, "manifest_sha256": manifest}
        )
        return 0
    say(f"{len(chosen)} articles in {output}, {packed.size:,} bytes")
    say(f"manifest SHA-256: {manifest}")
    say("Note that hash down where nobody can change it: `pantau verify` prints it again.")
    return 0


def verify_file(path: Path, *, as_json: bool = False) -> int:
    """Print whether a bundle is as it was written; return 1 where it is not, else 0.

    Raises:
        ConfigError: there is no such file.
    """
    if not path.is_file():
        raise ConfigError(f"there is no file {path}; give a bundle that `pantau bundle` wrote")
    checked = verify_bundle(path)
    if as_json:
        print_json(
            {
                "file": str(path),
                "ok": checked.ok,
                "members": checked.members,
                "manifest_sha256": checked.manifest_sha256,
                "articles": [
                    {
                        "id": one.record["id"],
                        "uid": one.record["uid"],
                        "headline": one.record["headline"],
                        "records": len(one.records),
                        "accounted": attrs.asdict(one.account) if one.account else None,
                    }
                    for one in checked.articles
                ],
                "faults": checked.faults,
            }
        )
    else:
        _tell(checked, path)
    return int(not checked.ok)


def _tell(checked: Checked, path: Path) -> None:
    for fault in checked.faults:
        complain(fault)
    for one in checked.articles:
        found = one.account
        say(f"{one.record['id']} {one.record['outlet']}: {one.record['headline']}")
        if found is None:
            say("no page of it is in the bundle", indent=2)
            continue
        say(
            f"{found.found} of {found.paragraphs} paragraphs and {found.cut_found} of {found.cut} cut lines "
            f"stand in its archived page; {found.between} letters between them are neither",
            indent=2,
        )
    if checked.manifest_sha256:
        say(f"manifest SHA-256: {checked.manifest_sha256}")
    faults = f"NOT OK: {len(checked.faults)} faults"
    say(f"{path}: {'OK' if checked.ok else faults}, {checked.members} members")
