"""Settings: read once, refused with the name and the remedy, and silent about secrets."""

from pathlib import Path

import pytest

from bot.app import artifact_store
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
        ("TOCSIN_TSA_URLS", "tsa.example.com", "write full addresses"),
    ],
)
def test_a_setting_that_cant_be_used_is_named(name: str, value: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: value})
    assert name in str(refused.value)
    assert remedy in str(refused.value)


def test_authorities_are_kept_in_order_and_need_roots() -> None:
    both = "https://one.example/tsr, https://two.example/tsa https://one.example/tsr"
    settings = read_settings({"TOCSIN_TSA_URLS": both, "TOCSIN_TSA_ROOTS": "roots.pem"})
    assert settings.tsa_urls == ("https://one.example/tsr", "https://two.example/tsa")
    assert settings.tsa_roots == Path("roots.pem")
    with pytest.raises(SettingsError, match="TOCSIN_TSA_ROOTS is needed"):
        read_settings({"TOCSIN_TSA_URLS": both})


def test_every_setting_that_is_read_is_explained() -> None:
    asked: set[str] = set()

    class Watching(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(name)
            return default

    read_settings(Watching())
    assert asked == set(EXPLAINED)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://bucket/?mode=forever&days=1", "mode is compliance or governance"),
        ("ftp://bucket", "write s3://bucket/prefix"),
    ],
)
def test_a_place_for_artifacts_that_can_t_be_used_is_said(
    tmp_path: Path, url: str, words: str
) -> None:
    settings = read_settings({"TOCSIN_DATA_DIR": str(tmp_path), "TOCSIN_ARTIFACTS": url})
    with pytest.raises(SettingsError, match=f"TOCSIN_ARTIFACTS: {words}"):
        artifact_store(settings, max_bytes=1)


def test_artifacts_lie_in_the_data_folder_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    settings = read_settings({"TOCSIN_DATA_DIR": str(tmp_path)})
    assert artifact_store(settings, max_bytes=1).place == str(tmp_path / "artifacts")
    away = read_settings(
        {
            "TOCSIN_DATA_DIR": str(tmp_path),
            "TOCSIN_ARTIFACTS": "s3://bucket/evidence?region=eu-central-1",
        }
    )
    assert artifact_store(away, max_bytes=1).place == "s3://bucket/evidence/"
    assert settings.max_incident_gb == 100
    with pytest.raises(SettingsError, match="whole number of gigabytes"):
        read_settings({"TOCSIN_MAX_INCIDENT_GB": "0"})
