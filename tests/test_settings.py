"""Settings: read once, refused with the name and the remedy, and silent about secrets."""

from pathlib import Path

import pytest

from bot.settings import EXPLAINED, SettingsError, read_settings


def test_defaults_need_nothing() -> None:
    settings = read_settings({})
    assert settings.database_url.startswith("sqlite:////")
    assert settings.data_dir == Path("tocsin-data").absolute()
    assert settings.slack_api_url == "https://slack.com/api/"


def test_secrets_never_stand_in_the_repr() -> None:
    shown = repr(
        read_settings(
            {
                "SLACK_BOT_TOKEN": "xoxb-1-secret",
                "SLACK_SIGNING_SECRET": "signing-secret",
                "SLACK_APP_TOKEN": "xapp-secret",
                "TOCSIN_SECRET_KEY": "k" * 40,
                "TOCSIN_DATABASE_URL": "postgresql://u:database-secret@h/d",
            }
        )
    )
    assert "secret" not in shown.replace("slack_signing_secret", "")
    assert "kkkk" not in shown


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("TOCSIN_BASE_URL", "tocsin.example.com", "write a full address"),
        ("SLACK_API_URL", "slack", "write a full address"),
        ("TOCSIN_SECRET_KEY", "short", "32 are needed"),
        ("TOCSIN_MAX_FILE_MB", "lots", "write a whole number"),
        ("TOCSIN_MAX_FILE_MB", "0", "write a whole number"),
    ],
)
def test_a_setting_that_cant_be_used_is_named(name: str, value: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: value})
    assert name in str(refused.value)
    assert remedy in str(refused.value)


def test_every_setting_that_is_read_is_explained() -> None:
    asked: set[str] = set()

    class Watching(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(name)
            return default

    read_settings(Watching())
    assert asked == set(EXPLAINED)
