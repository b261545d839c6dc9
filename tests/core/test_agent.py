"""How the crawler names itself."""

import pytest
from protego import Protego

from crawler import agent
from crawler.errors import ConfigError

FORMS = [agent.plain, agent.browser_shaped]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("contact", ["", "redaksi@kabar.test", "https://kabar.test/pantau?x=1"])
def test_every_form_names_the_product_and_the_contact(form: type[str], contact: str) -> None:
    name = form(contact)
    assert "pantau/" in name
    assert name.startswith("Mozilla/5.0 (")
    assert name.isascii()
    assert (f"; +{contact})" in name) is bool(contact)


@pytest.mark.parametrize("form", FORMS)
def test_a_rule_for_the_product_finds_it_in_the_name(form: type[str]) -> None:
    rules = Protego.parse("User-agent: pantau\nDisallow: /")
    assert not rules.can_fetch("https://kabar.test/x", form("a@b.test"))


def test_the_browser_shape_is_a_browsers() -> None:
    assert "AppleWebKit" in agent.browser_shaped()
    assert "Scrapy" not in agent.plain() + agent.browser_shaped()


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "a b", "a)b", "a;b", "é@b.test", "x" * 201, "a\x00"])
def test_a_contact_that_does_not_fit_a_header_is_named(contact: str) -> None:
    with pytest.raises(ConfigError, match="contact"):
        agent.plain(contact)
