"""The key ring is read from one place, and no message or process list shows a key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.options import EngineError, LoadOptions
from register.data_keys import DataKey, KeyRing, MissingKeyError, make_key
from register.settings import SettingsError, load_settings

SECRET = "bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL"
FORMER = "mN8vB3cX5zL1kJ7hG4fD9sA2pO6iU0yT"
LINES = f"k2 {SECRET}\nk1 {FORMER}\n"
PRODUCTION = {
    "REGISTER_ENVIRONMENT": "production",
    "REGISTER_PSEUDONYM_KEY": "vQ3v0m2hJ8kX1pR7sT5wY9zB4cD6fG_aLnEuHiOq-Mx",
}


def read_ring(values: dict[str, str]) -> KeyRing:
    """Return the key ring that these variables give."""
    ring = load_settings(values).data_keys
    assert ring is not None
    return ring


def test_a_ring_is_read_from_text_file_or_command(tmp_path: Path) -> None:
    """Prevents a former key from being lost, so that its files can no longer be read."""
    file = tmp_path / "keys"
    file.write_text(LINES, encoding="utf-8")
    for values in (
        {"REGISTER_DATA_KEYS": LINES},
        {"REGISTER_DATA_KEYS_FILE": str(file)},
        {"REGISTER_DATA_KEYS_COMMAND": f"cat {file}"},
    ):
        ring = read_ring(values)
        assert [key.id for key in ring.keys] == ["k2", "k1"]
        assert (ring.current.secret, ring.find("k1").secret) == (SECRET, FORMER)
        assert SECRET not in repr(load_settings(values)) + repr(ring)
    with pytest.raises(MissingKeyError, match=r"'k9' is not in the key ring, which has: k2, k1"):
        ring.find("k9")
    with pytest.raises(SettingsError, match="set only one of"):
        load_settings({"REGISTER_DATA_KEYS": LINES, "REGISTER_DATA_KEYS_FILE": str(file)})


def test_a_home_without_keys_is_refused_in_production() -> None:
    """Prevents names of real children in plain files."""
    assert load_settings({}).data_keys is None
    with pytest.raises(SettingsError, match="register keys new"):
        load_settings(PRODUCTION)


@pytest.mark.parametrize(
    "ring", ["k1", f"k1 {SECRET} more", f"K_1 {SECRET}", f"k1 {SECRET}, k1 {FORMER}", " , "]
)
def test_an_invalid_ring_is_refused_without_quoting_it(ring: str) -> None:
    """Prevents a key in a log, because its line has a typing error."""
    if not ring.strip(" ,"):
        with pytest.raises(SettingsError, match="gives no key"):
            load_settings({"REGISTER_DATA_KEYS": ring})
        return
    with pytest.raises(SettingsError, match="REGISTER_DATA_KEYS") as caught:
        load_settings({"REGISTER_DATA_KEYS": ring})
    assert SECRET not in str(caught.value)


def test_a_weak_key_is_refused_in_production() -> None:
    """Prevents files whose key is guessed in a second."""
    ring = {"REGISTER_DATA_KEYS": "k1 example-example-example-example-0123456789"}
    with pytest.raises(SettingsError, match="the key 'k1' is no key for production"):
        load_settings(PRODUCTION | ring)
    assert read_ring(ring).current.id == "k1"


def test_a_key_file_in_the_home_is_refused(tmp_path: Path) -> None:
    """Prevents a key that is stolen, or backed up, together with what it protects."""
    (tmp_path / "keys").write_text(LINES, encoding="utf-8")
    values = {"REGISTER_HOME": str(tmp_path), "REGISTER_DATA_KEYS_FILE": str(tmp_path / "keys")}
    with pytest.raises(SettingsError, match="is in the home"):
        load_settings(values)


def test_a_failing_command_shows_nothing_of_its_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Prevents a key in a log, from a command that prints it with its error."""
    script = tmp_path / "fails.py"
    script.write_text(
        f"import sys; print('{SECRET}'); print('{SECRET}', file=sys.stderr); sys.exit(7)",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError, match="ended with exit code 7") as caught:
        load_settings({"REGISTER_DATA_KEYS_COMMAND": f"{sys.executable} {script}"})
    assert SECRET not in str(caught.value) + "".join(capfd.readouterr())
    with pytest.raises(SettingsError, match="FileNotFoundError"):
        load_settings({"REGISTER_DATA_KEYS_COMMAND": "/no/such/command"})


def test_a_command_runs_once_for_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a key store that is asked again by each process of a load."""
    script = tmp_path / "prints.py"
    script.write_text(
        f"open({str(tmp_path / 'runs')!r}, 'a').write('x'); print('k1 {SECRET}')", encoding="utf-8"
    )
    monkeypatch.setenv("REGISTER_DATA_KEYS", "")
    monkeypatch.setenv("REGISTER_DATA_KEYS_COMMAND", f"{sys.executable} {script}")
    load_settings()
    load_settings()
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "x"
    assert "REGISTER_DATA_KEYS_COMMAND" not in os.environ
    assert read_ring(dict(os.environ)).current.secret == SECRET


def test_each_purpose_has_a_key_of_its_own() -> None:
    """Prevents files that nobody can read, after a change of how keys are derived."""
    key = DataKey("k1", SECRET)
    assert len({key.derive("one"), key.derive("two"), DataKey("k1", FORMER).derive("one")}) == 3
    assert key.derive("one").hex().startswith("884ddf61f2e785d0")


def test_new_keys_are_random_and_accepted_in_production() -> None:
    """Prevents a printed key that the register itself refuses."""
    assert make_key() != make_key()
    line = CliRunner().invoke(app, ["keys", "new"]).output.strip()
    assert load_settings(PRODUCTION | {"REGISTER_DATA_KEYS": line}).data_keys is not None


def test_spark_is_refused_in_a_home_with_keys() -> None:
    """Prevents plain tables of a Spark load beside an encrypted warehouse."""
    on_spark = LoadOptions(engine="spark")
    with pytest.raises(EngineError, match="without `--engine spark`"):
        on_spark.check_engine(load_settings({"REGISTER_DATA_KEYS": LINES}))
    on_spark.check_engine(load_settings({}))
    LoadOptions().check_engine(load_settings({"REGISTER_DATA_KEYS": LINES}))
