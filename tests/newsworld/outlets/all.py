"""The outlets of the world, in the order in which reports name them.

An outlet is a module beside this one; a new one is found by itself. `FIRST` are the six whose whole year is
rehearsed (`tests/year.py`); the others join wherever all outlets are meant.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.newsworld import outlets
from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.kabarnusa import KabarNusa
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.lintasdunia import LintasDunia
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.outlets.tribunnews import Tribunnews

FIRST: tuple[type[Outlet], ...] = (Kontan, Tribunnews, Republika, Mercinews, KabarNusa, LintasDunia)


def found() -> list[type[Outlet]]:
    """Return every outlet of this folder, by name."""
    names = [module.name for module in iter_modules(outlets.__path__)]
    modules = [import_module(f"{outlets.__name__}.{name}") for name in names]
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Outlet) and kind.__module__ == module.__name__
    }
    return sorted((kind for kind in kinds if hasattr(kind, "name")), key=lambda kind: kind.name)


ALL: tuple[type[Outlet], ...] = (*FIRST, *(kind for kind in found() if kind not in FIRST))
