"""The outlets of the world, in the order in which reports name them."""

from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.kabarnusa import KabarNusa
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.lintasdunia import LintasDunia
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.outlets.tribunnews import Tribunnews

ALL: tuple[type[Outlet], ...] = (Kontan, Tribunnews, Republika, Mercinews, KabarNusa, LintasDunia)
