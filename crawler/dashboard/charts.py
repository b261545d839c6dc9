"""Charts, drawn here by pygal as SVG that carries neither script nor style; the stylesheet colours them."""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import pygal
from lxml import etree
from markupsafe import Markup

# It puts a finder for plug-ins of its own among those of the interpreter, in a form that Python gave up.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELEMENTS: Final = frozenset({"svg", "g", "rect", "path", "line", "circle", "text", "tspan", "title"})
_ATTRIBUTES: Final = frozenset(
    {
        "class",
        "viewBox",
        "x",
        "y",
        "width",
        "height",
        "d",
        "r",
        "rx",
        "ry",
        "cx",
        "cy",
        "x1",
        "x2",
        "y1",
        "y2",
    }
    | {"transform", "text-anchor"}
)
_WIDE, _HIGH = 760, 200
_MAX_LABELS: Final = 7


@attrs.frozen(kw_only=True)
class Chart:
    """A drawn chart with what it shows as numbers: for those who cannot see it, or want to copy them.

    `rows` has for each label the values of all `series`, in their order. `palette` is the stylesheet's class
    for other colours than the usual ones.
    """

    caption: str
    description: str
    svg: Markup
    label: str
    labels: Sequence[str]
    series: Sequence[str]
    rows: Sequence[Sequence[float]]
    palette: str = ""


def bars(  # noqa: PLR0913 - the words of a chart
    caption: str,
    *,
    description: str,
    label: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    stacked: bool = False,
) -> Chart:
    """Return a chart of bars: for each label one of each series; *label* says what the labels are."""
    kind = pygal.StackedBar if stacked else pygal.Bar
    return _chart(kind, caption, description, label, labels, series)


def lines(
    caption: str,
    *,
    description: str,
    label: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
) -> Chart:
    """Return a chart of lines, one a series."""
    return _chart(pygal.Line, caption, description, label, labels, series)


def _chart(  # noqa: PLR0913, PLR0917 - the words of a chart
    kind: Any,  # noqa: ANN401 - pygal has no types
    caption: str,
    description: str,
    label: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
) -> Chart:
    drawn = kind(
        width=_WIDE,
        height=_HIGH,
        explicit_size=False,
        show_legend=False,
        no_prefix=True,
        include_x_axis=True,
        margin=8,
        dots_size=3,
        truncate_label=12,
        y_labels_major_count=4,
        show_minor_y_labels=False,
        integer_scale=True,
        formatter=lambda value: f"{value:g}",
        js=[],
    )
    apart = math.ceil(len(labels) / _MAX_LABELS)  # all of them would run into each other
    drawn.x_labels = [text if at % apart == 0 else "" for at, text in enumerate(labels)]
    for name, values in series.items():
        drawn.add(name, list(values))
    return Chart(
        caption=caption,
        description=description,
        svg=_svg(drawn.render_tree(), caption, description),
        label=label,
        labels=labels,
        series=list(series),
        rows=list(zip(*series.values(), strict=True)),
    )


def _svg(root: Any, caption: str, description: str) -> Markup:  # noqa: ANN401 - lxml's tree
    """Return the drawing alone: elements and attributes that draw, and nothing else."""
    for element in list(root.iter()):
        name = element.tag.removeprefix(_SVG) if isinstance(element.tag, str) else None
        hidden = name is not None and "tooltip" in (element.get("class") or "").split()
        if name not in _ELEMENTS or name == "title" or hidden:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        for attribute in set(element.attrib) - _ATTRIBUTES:
            del element.attrib[attribute]
    title = etree.Element(f"{_SVG}title")
    title.text = f"{caption}. {description}"
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-label", f"{caption}. {description}")
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode", method="xml"))  # noqa: S704 - serialised by lxml
