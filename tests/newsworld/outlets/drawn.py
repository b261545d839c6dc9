"""Lists that a script draws in the browser, from data on the outlet's own host."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from tests.newsworld.markup import esc
from tests.newsworld.messages import Request, Response, as_json, plain
from tests.newsworld.model import Entry

_DRAW = """(function () {
  "use strict";
  var box = document.getElementById(%(box)s);
  var text = function (value) {
    var node = document.createElement("i");
    node.textContent = value;
    return node.innerHTML;
  };
  var row = function (each) {
    return %(row)s.replace(/\\{(\\w+)\\}/g, function (_, name) { return text(each[name]); });
  };
  var ask = %(data)s + location.pathname + location.search;
  document.addEventListener("DOMContentLoaded", function () {
    fetch(ask, { headers: { "X-Requested-With": "XMLHttpRequest" } })
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        box.innerHTML = found.items.length ? found.items.map(row).join("") : %(empty)s;
      });
  });
})();
"""


def drawing(*, box: str, data: str, row: str, empty: str) -> Response:
    """Return the script that fills the element *box* with what *data* says, by pieces of HTML.

    It asks the address of its own page below *data*; *row* names what it puts in: `{url}`, `{title}`,
    `{date}`.
    """
    values = {"box": box, "data": data, "row": row, "empty": empty}
    text = _DRAW % {name: json.dumps(value) for name, value in values.items()}
    return Response(200, text.encode(), "text/javascript; charset=UTF-8")


def items(entries: Sequence[Entry], dates: Sequence[str]) -> Response:
    """Return the data of a list."""
    return as_json(
        {
            "items": [
                {"url": entry.url, "title": entry.headline, "date": date}
                for entry, date in zip(entries, dates, strict=True)
            ]
        }
    )


def shell(box: str, src: str, title: str) -> str:
    """Return what the server sends of a drawn list: an empty box and the script."""
    return (
        f'<h1>{esc(title)}</h1><div id="{box}"><div class="loading"></div></div>'
        f'<noscript>Aktifkan JavaScript.</noscript><script src="{src}"></script>'
    )


def closed_to_plain_clients(request: Request, data: str) -> Response | None:
    """Return a refusal of who asks for the data otherwise than the script does."""
    if request.path.startswith(data) and "x-requested-with" not in request.headers:
        return plain("Forbidden\n", status=HTTPStatus.FORBIDDEN)
    return None
