"""The outlets of the world, in the order in which reports name them."""

from tests.newsworld.outlets.base import Outlet
from tests.newsworld.outlets.kontan import Kontan

ALL: tuple[type[Outlet], ...] = (Kontan,)
