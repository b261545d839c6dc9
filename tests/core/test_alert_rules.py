"""The tables of the alerts: checked, the nearest right key named, no secret shown."""

from pathlib import Path

import pytest

from crawler.config import Config, environment_for, load_config
from crawler.errors import ConfigError

SECRET = "xoxb-rahasia-4711"  # noqa: S105 - invented
RULE = '[alerts.meja]\nchannel = "slack://${TOKEN}"\non = ["new"]\n'


def loaded(tmp_path: Path, text: str, **environ: str) -> Config:
    path = tmp_path / "pantau.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(environ={"PANTAU_CONFIG": str(path), **environ})


def test_a_secret_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    config = loaded(tmp_path, RULE, TOKEN=SECRET)
    rule = config.alerts.rules["meja"]
    assert rule.channel[0].get_secret_value() == f"slack://{SECRET}"
    assert rule.channels == ("1 slack",)
    for shown in (repr(config), str(config), config.model_dump_json(), repr(rule)):
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE, r"alerts.meja.channel names \$\{TOKEN\}, which is not in the environment"),
        (RULE.replace("on =", "onn ="), r"unknown key 'alerts.meja.onn' in .*did you mean 'on'"),
        ("[alerts]\nheartbeat = 'x'\n", r"unknown key 'alerts.heartbeat' .*did you mean 'heartbeat_s'|_url'"),
        (RULE.replace('"new"', '"news"'), "alerts.meja.on.0: Input should be 'new'"),
        (RULE + "k = 4\n", "alerts.meja: k = 4 of n = 3 never comes"),
        (RULE + 'keywords = ["moskwa"]\n', "`keywords` goes with"),
        (RULE + 'every_h = 1\nat = ["07:00"]\n', "give `every_h` or `at`, not both"),
        (RULE + 'quiet = ["22:00"]\n', "give `quiet` a beginning and an end"),
        (RULE + 'topics = ["russia-north-koreaa"]\n', "did you mean 'russia-north-korea'"),
        ("[alerts.Meja]\nchannel = 'x'\non = ['new']\n", "alerts.Meja"),
        ("[alerts.meja]\nchannel = 17\non = ['new']\n", "alerts.meja.channel"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_the_secret(tmp_path: Path, text: str, said: str) -> None:
    environ = {} if "TOKEN" in said else {"TOKEN": SECRET}
    with pytest.raises(ConfigError, match=said) as raised:
        loaded(tmp_path, text, **environ)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_children_get_the_secrets_that_are_named_for_pantau(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANTAU_SECRET_SLACK", SECRET)
    config = loaded(tmp_path, RULE.replace("TOKEN", "PANTAU_SECRET_SLACK"), PANTAU_SECRET_SLACK=SECRET)
    assert environment_for(config)["PANTAU_SECRET_SLACK"] == SECRET
