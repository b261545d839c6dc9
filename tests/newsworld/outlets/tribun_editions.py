"""The editions of the Tribun network that the world has."""

from datetime import timezone
from typing import NamedTuple

from tests.newsworld.printed import WIB, WITA


class Edition(NamedTuple):
    """One edition: host, brand of its datelines and sign-offs, zone, how it makes addresses."""

    host: str
    brand: str
    signs: str
    zone: timezone = WIB
    dated: bool = False
    layout: str = ""


NATIONAL = Edition("www.tribunnews.com", "TRIBUNNEWS.COM", "Tribunnews.com")
REGIONAL = (
    Edition("jakarta.tribunnews.com", "TRIBUNJAKARTA.COM", "TribunJakarta.com"),
    Edition("wartakota.tribunnews.com", "WARTAKOTALIVE.COM", "Wartakotalive.com"),
    Edition("jateng.tribunnews.com", "TRIBUNJATENG.COM", "TribunJateng.com"),
    Edition("jogja.tribunnews.com", "TRIBUNJOGJA.COM", "TribunJogja.com"),
    Edition("solo.tribunnews.com", "TRIBUNSOLO.COM", "TribunSolo.com"),
    Edition("surabaya.tribunnews.com", "SURYA.CO.ID", "Surya.co.id"),
    Edition("bali.tribunnews.com", "TRIBUN-BALI.COM", "Tribun-Bali.com", WITA),
    Edition("medan.tribunnews.com", "TRIBUN-MEDAN.COM", "Tribun-Medan.com"),
    Edition("aceh.tribunnews.com", "SERAMBINEWS.COM", "Serambinews.com", dated=True),
    Edition("jabar.tribunnews.com", "TRIBUNJABAR.ID", "TribunJabar.id"),
    Edition("makassar.tribunnews.com", "TRIBUN-TIMUR.COM", "Tribun-Timur.com", WITA, dated=True),
    Edition("pos-kupang.tribunnews.com", "POS-KUPANG.COM", "Pos-Kupang.com", WITA, dated=True),
    Edition("belitung.tribunnews.com", "POSBELITUNG.CO", "Posbelitung.co", dated=True, layout="2018"),
)
EDITIONS = {edition.host: edition for edition in (NATIONAL, *REGIONAL)}
