"""The REST interface of a WordPress site: posts, tags, categories, with their limits and errors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

from tests.newsworld.markup import slugify, typeset
from tests.newsworld.messages import Request, Response, as_json
from tests.newsworld.model import Entry

if TYPE_CHECKING:
    from tests.newsworld.outlets.wordpress import WordPress

MOST = 100
USUAL = 10


def number_of(name: str) -> int:
    """Return the id of a tag, a category or an author."""
    return crc32(name.encode()) % 9_000 + 2


class Rest:
    """Answers below `/wp-json/` for one site."""

    def __init__(self, site: "WordPress") -> None:
        self.site = site

    def answer(self, request: Request) -> Response:
        """Answer a request, with WordPress's own errors."""
        if self.site.chosen.get("rest", "open") == "closed":
            return _error(401, "rest_not_logged_in", "Anda tidak sedang login.")
        route = request.query.get("rest_route") or request.path.removeprefix("/wp-json")
        steps = [step for step in route.split("/") if step]
        if not steps:
            return as_json(
                {"name": self.site.title, "url": self.site.base, "namespaces": ["wp/v2"], "routes": {}}
            )
        if steps[:3] == ["wp", "v2", "posts"]:
            return self._posts(request) if len(steps) == 3 else self._post(request, steps[3])
        if steps[:3] == ["wp", "v2", "tags"]:
            return self._terms(request, "tag")
        if steps[:3] == ["wp", "v2", "categories"]:
            return self._terms(request, "category")
        return _error(404, "rest_no_route", "Tidak ada rute yang cocok dengan URL dan metode permintaan.")

    def _posts(self, request: Request) -> Response:
        query = request.query
        size, page = request.number("per_page", USUAL), request.number("page", 1)
        if not 1 <= size <= MOST or page < 1:
            return _error(400, "rest_invalid_param", "Parameter tidak valid: per_page")
        try:
            after, before = self._moment(query.get("after")), self._moment(query.get("before"))
        except ValueError:
            return _error(400, "rest_invalid_param", "Parameter tidak valid: after")
        entries = self.site.search(query["search"]) if query.get("search") else self.site.newest()
        for name in ("tags", "categories"):
            if query.get(name):
                wanted = {int(part) for part in query[name].split(",") if part.isdigit()}
                entries = [entry for entry in entries if wanted & set(self._numbers(entry, name))]
        if query.get("slug"):
            entries = [entry for entry in entries if entry.slug == query["slug"]]
        entries = [
            entry
            for entry in entries
            if (after is None or entry.published_at > after)
            and (before is None or entry.published_at < before)
        ]
        if query.get("order") == "asc":
            entries.reverse()
        pages = -(-len(entries) // size)
        if page > max(pages, 1):
            return _error(
                400, "rest_post_invalid_page_number", "Nomor halaman lebih besar dari jumlah yang tersedia."
            )
        shown = entries[(page - 1) * size : page * size]
        headers = [("X-WP-Total", str(len(entries))), ("X-WP-TotalPages", str(pages))]
        if page < pages:
            headers.append(
                (
                    "Link",
                    f'<{self.site.base}/wp-json/wp/v2/posts?per_page={size}&page={page + 1}>; rel="next"',
                )
            )
        return as_json([self._shape(entry, request) for entry in shown], headers=tuple(headers))

    def _post(self, request: Request, number: str) -> Response:
        for entry in self.site.published():
            if str(entry.number) == number:
                return as_json(self._shape(entry, request))
        return _error(404, "rest_post_invalid_id", "ID pos tidak valid.")

    def _moment(self, text: str | None) -> datetime | None:
        if not text:
            return None
        at = datetime.fromisoformat(text)
        return (
            at if at.tzinfo else at.replace(tzinfo=self.site.zone)
        )  # the site's own time, as WordPress has it

    def _numbers(self, entry: Entry, name: str) -> list[int]:
        return [number_of(tag) for tag in entry.tags] if name == "tags" else [number_of(entry.section)]

    def _shape(self, entry: Entry, request: Request) -> dict[str, Any]:
        site, copy, at = self.site, self.site.copy(entry), entry.published_at
        local, world = at.strftime("%Y-%m-%dT%H:%M:%S"), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        author = site.author(copy)
        post: dict[str, Any] = {
            "id": entry.number,
            "date": local,
            "date_gmt": world,
            "guid": {"rendered": f"{site.base}/?p={entry.number}"},
            "modified": entry.modified_at.astimezone(site.zone).strftime("%Y-%m-%dT%H:%M:%S"),
            "modified_gmt": entry.modified_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "slug": entry.slug,
            "status": "publish",
            "type": "post",
            "link": entry.url,
            "title": {"rendered": typeset(entry.headline)},
            "content": {"rendered": site.whole_content(entry), "protected": False},
            "excerpt": {"rendered": f"<p>{site.excerpt(copy)}</p>\n", "protected": False},
            "author": number_of(author),
            "featured_media": entry.number + 1,
            "categories": self._numbers(entry, "categories"),
            "tags": self._numbers(entry, "tags"),
            "_links": {"self": [{"href": f"{site.base}/wp-json/wp/v2/posts/{entry.number}"}]},
        }
        if "_embed" in request.query:
            printed = site.printed(entry, copy)
            terms = (
                [self._term(entry.section, "category")],
                [self._term(tag, "post_tag") for tag in entry.tags],
            )
            post["_embedded"] = {
                "author": [{"id": number_of(author), "name": author, "slug": slugify(author)}],
                "wp:featuredmedia": [
                    {
                        "id": entry.number + 1,
                        "caption": {
                            "rendered": f"<p>{typeset(printed.captions[0])}</p>" if printed.captions else ""
                        },
                        "source_url": f"{site.base}/wp-content/uploads/{entry.number}.jpg",
                    }
                ],
                "wp:term": list(terms),
            }
        fields = request.query.get("_fields", "")
        return _only(post, fields.split(",")) if fields else post

    def _term(self, name: str, taxonomy: str) -> dict[str, Any]:
        folder = "tag" if taxonomy == "post_tag" else "category"
        return {
            "id": number_of(name),
            "link": f"{self.site.base}/{folder}/{slugify(name)}/",
            "name": name,
            "slug": slugify(name),
            "taxonomy": taxonomy,
        }

    def _terms(self, request: Request, kind: str) -> Response:
        counts: dict[str, int] = {}
        for entry in self.site.published():
            for name in entry.tags if kind == "tag" else (entry.section,):
                counts[name] = counts.get(name, 0) + 1
        words, slug = request.query.get("search", "").lower(), request.query.get("slug", "")
        taxonomy = "post_tag" if kind == "tag" else "category"
        found = [
            {**self._term(name, taxonomy), "count": count}
            for name, count in sorted(counts.items())
            if words in name.lower() and slug in {"", slugify(name)}
        ]
        size = min(request.number("per_page", USUAL), MOST)
        start = (max(request.number("page", 1), 1) - 1) * size
        headers = (("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(-(-len(found) // max(size, 1)))))
        return as_json(found[start : start + size], headers=headers)


def _only(post: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    """Return the fields that `_fields` names; `title.rendered` keeps that part alone."""
    out: dict[str, Any] = {}
    for field in fields:
        name, _, inner = field.strip().partition(".")
        if name not in post:
            continue
        if inner and isinstance(post[name], Mapping):
            out.setdefault(name, {}).update({inner: post[name].get(inner)})
        else:
            out[name] = post[name]
    return out


def _error(status: int, code: str, message: str) -> Response:
    return as_json({"code": code, "message": message, "data": {"status": status}}, status=status)
