"""The environment is read once, and an unknown one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from register.home import prepare_home
from register.key_strength import DEVELOPMENT_KEY
from register.machine import default_warehouse_gigabytes, memory_gigabytes
from register.settings import Settings, SettingsError, load_settings

KEY = "vQ3v0m2hJ8kX1pR7sT5wY9zB4cD6fG_aLnEuHiOq-Mx"
RING = {"REGISTER_DATA_KEYS": "k1 bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL"}


def test_an_unknown_environment_is_refused() -> None:
    """Prevents a misspelt 'production' that runs with the development key."""
    with pytest.raises(SettingsError, match="known: development, test, production"):
        load_settings({"REGISTER_ENVIRONMENT": "prod"})


def test_production_needs_a_key_of_its_own() -> None:
    """Prevents published pseudonyms that anybody can compute."""
    with pytest.raises(SettingsError, match="REGISTER_PSEUDONYM_KEY"):
        load_settings({"REGISTER_ENVIRONMENT": "production"})
    result = load_settings(
        {"REGISTER_ENVIRONMENT": "production", "REGISTER_PSEUDONYM_KEY": KEY, **RING}
    )
    assert result.pseudonym_key == KEY
    assert KEY not in repr(result)
    assert (result.key_warning, len(result.key_id)) == (None, 16)


@pytest.mark.parametrize(
    "key",
    ["k", " ", " " * 40, KEY[:31], "ab" * 32, DEVELOPMENT_KEY, f"change-me-{KEY}"],
)
def test_a_key_that_can_be_guessed_is_refused_in_production(key: str) -> None:
    """Prevents pseudonyms that anybody turns back into references in a second."""
    values = {"REGISTER_ENVIRONMENT": "production", "REGISTER_PSEUDONYM_KEY": key}
    with pytest.raises(SettingsError, match=r"no key for production: .*token_urlsafe") as caught:
        load_settings(values)
    assert key == " " or f"'{key}'" not in str(caught.value)
    elsewhere = load_settings(values | {"REGISTER_ENVIRONMENT": "development"})
    assert elsewhere.key_warning and elsewhere.key_warning.startswith("PSEUDONYMS PROTECT NOBODY")


@pytest.mark.parametrize("value", ["many", "0"])
def test_a_count_that_is_none_is_refused(value: str) -> None:
    """Prevents a typing error that deletes every old generation."""
    with pytest.raises(SettingsError, match="REGISTER_GENERATIONS_KEPT"):
        load_settings({"REGISTER_GENERATIONS_KEPT": value})


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(64.0, 6.0), (12.0, 6.0), (11.0, 5.5), (8.0, 4.0), (2.0, 1.0), (1.0, 1.0)],
)
def test_the_warehouse_takes_half_of_a_machine_and_at_most_six(
    memory: float, expected: float
) -> None:
    """Prevents a load that is killed on a machine of 8 GB, or that takes a whole large one."""
    assert default_warehouse_gigabytes(memory) == expected


def test_a_container_has_less_than_its_machine(tmp_path: Path) -> None:
    """Prevents a load that a container kills, because it counts the memory of the machine."""
    limit = tmp_path / "memory.max"
    machine = memory_gigabytes(limit)
    limit.write_text("500000000\n", encoding="ascii")
    assert memory_gigabytes(limit) == 0.5
    limit.write_text("max\n", encoding="ascii")
    assert memory_gigabytes(limit) == machine


def test_the_warehouse_is_told_how_much_memory_it_may_take(tmp_path: Path) -> None:
    """Prevents a load that takes all the memory of a machine on which readers work."""
    usual = f"{default_warehouse_gigabytes(memory_gigabytes()):g}"
    assert load_settings({}).build_dbt_environment(tmp_path)["REGISTER_MEMORY_GIGABYTES"] == usual
    chosen = load_settings({"REGISTER_MEMORY_GIGABYTES": "2.5"})
    assert chosen.build_dbt_environment(tmp_path)["REGISTER_MEMORY_GIGABYTES"] == "2.5"
    profile = (chosen.dbt_project / "profiles.yml").read_text(encoding="utf-8")
    assert "memory_limit: \"{{ env_var('REGISTER_MEMORY_GIGABYTES'" in profile


def test_zip_passwords_are_known_by_supplier() -> None:
    """Prevents one supplier's password from being tried on another's file."""
    result = load_settings({"REGISTER_ZIP_PASSWORD_BTP": "a", "REGISTER_ZIP_PASSWORD_330": "b"})
    assert result.zip_passwords == {"BTP": "a", "330": "b"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("parquet",)),
        ({"REGISTER_SERVE": "none"}, ()),
        (
            {"REGISTER_SERVE": "postgres, parquet", "REGISTER_POSTGRES_DSN": "host=db"},
            ("parquet", "postgres"),
        ),
        (
            {"REGISTER_SERVE": "lake", "REGISTER_LAKE": "a", "REGISTER_LAKE_DATA": "s3://b"},
            ("lake",),
        ),
    ],
)
def test_a_load_serves_what_the_settings_name(
    values: dict[str, str], expected: tuple[str, ...]
) -> None:
    """Prevents a target that an operator named and no load serves, or one that nobody named."""
    assert load_settings(values).serving_targets == expected


@pytest.mark.parametrize("values", ["parket", "", "none parquet", "postgres", "lake"])
def test_a_target_that_cannot_be_served_is_refused(values: str) -> None:
    """Prevents a misspelt target that is silently never served."""
    with pytest.raises(SettingsError, match="REGISTER_SERVE"):
        load_settings({"REGISTER_SERVE": values})


def test_no_secret_shows_where_settings_are_printed() -> None:
    """Prevents a password in a log that prints the settings."""
    values = {
        "REGISTER_POSTGRES_DSN": "host=db password=hidden-word",
        "REGISTER_LAKE": "postgres:host=db password=hidden-word",
        "REGISTER_S3_SECRET": "hidden-word",
    }
    assert "hidden-word" not in repr(load_settings(values))


def test_a_lake_is_found_from_every_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Prevents a lake for each folder in which a command is called, or an address taken as one."""
    monkeypatch.chdir(tmp_path)
    lake = load_settings({"REGISTER_LAKE": "a.ducklake", "REGISTER_LAKE_DATA": "data"}).lake
    assert (lake.catalogue, lake.data) == (str(tmp_path / "a.ducklake"), str(tmp_path / "data"))
    values = {"REGISTER_LAKE": "postgres:host=db", "REGISTER_LAKE_DATA": "s3://bucket/register"}
    lake = load_settings(values).lake
    assert (lake.catalogue, lake.data) == ("postgres:host=db", "s3://bucket/register")


def test_preparing_a_home_keeps_what_people_decided(settings: Settings) -> None:
    """Prevents a second run that empties the file of decisions."""
    decided = settings.decisions / "deliveries.csv"
    decided.write_text(decided.read_text(encoding="utf-8") + "a line\n", encoding="utf-8")
    prepare_home(settings)
    assert decided.read_text(encoding="utf-8").endswith("a line\n")


@pytest.mark.parametrize(
    ("environment", "present_files", "expected"),
    [
        ("production", {"truth", "simulation.json"}, False),
        ("development", {"truth", "simulation.json"}, True),
        ("development", {"truth"}, False),
        ("test", {"simulation.json"}, False),
        ("development", set(), False),
    ],
)
def test_truth_is_read_in_a_declared_simulation_alone(
    tmp_path: Path, environment: str, present_files: set[str], expected: bool
) -> None:
    """Prevents evaluation of a home by a truth that somebody copied into it."""
    if "truth" in present_files:
        (tmp_path / "truth").mkdir()
    if "simulation.json" in present_files:
        (tmp_path / "simulation.json").write_text("{}", encoding="utf-8")
    result = load_settings(
        {
            "REGISTER_ENVIRONMENT": environment,
            "REGISTER_HOME": str(tmp_path),
            "REGISTER_PSEUDONYM_KEY": KEY,
            **RING,
        }
    )
    assert result.is_simulation is expected
    has_truth = result.build_dbt_environment(tmp_path)["REGISTER_HAS_TRUTH"]
    assert has_truth == ("true" if expected else "false")


def test_a_file_of_an_earlier_release_gets_the_columns_that_came_since(settings: Settings) -> None:
    """Prevents decisions of years from being refused, or read under the wrong columns."""
    links = settings.decisions / "links.csv"
    header = links.read_text(encoding="utf-8").strip().split(",")
    assert header[-1] == "reason_code"
    row = '2026-05-01T10:00:00Z,A. Person,link,k1,k2,"One, by all papers",'
    links.write_text(",".join(header[:-1]) + "\n" + row + "\n", encoding="utf-8")
    prepare_home(settings)
    prepare_home(settings)
    assert links.read_text(encoding="utf-8") == ",".join(header) + "\n" + row + ",\n"
