"""`register identity evaluate` on a labelled set that somebody brings."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from tests.identity.people import mention


@pytest.fixture(scope="module")
def set_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two mentions of one child, their truth, and two tables with a map."""
    folder = tmp_path_factory.mktemp("set")
    rows = [mention(key, "kezia|thornbury", postcodes=["S118AA"]) for key in ("m1", "m2")]
    pq.write_table(pa.Table.from_pylist(rows), folder / "mentions.parquet")
    truth = pa.table({"mention_key": ["m1", "m2"], "child_key": ["c", "c"], "origin": ["x", "x"]})
    pq.write_table(truth, folder / "truth.parquet")
    (folder / "apart.csv").write_text("mention_key,child_key\nm1,child-a\nm2,child-b\n")
    (folder / "table.csv").write_text("ref\n1\n")
    (folder / "map.yaml").write_text("key: ref\n")
    return folder


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["identity", "evaluate", *arguments])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_a_set_of_mentions_is_linked_as_a_load_links_and_reported(
    set_files: Path, tmp_path: Path
) -> None:
    """Prevents a measurement that only the maker of the register can repeat."""
    named = {"--mentions": "mentions.parquet", "--truth": "truth.parquet"}
    chosen = [part for option, name in named.items() for part in (option, str(set_files / name))]
    output = _run(*chosen, "--out", str(tmp_path / "out"))
    assert "pairs within children" in output
    assert "false merges per 10,000 children" in output
    figures = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert figures["in_children"]["true_count"] == 1
    assert [each["group"] for each in figures["groups"]] == ["x", "x"]


def test_keys_of_records_are_written_only_if_they_are_asked_for(
    set_files: Path, tmp_path: Path
) -> None:
    """Prevents a report that leads to children from being sent to whoever reads figures."""
    files = ("--mentions", str(set_files / "mentions.parquet"),
             "--truth", str(set_files / "apart.csv"))  # fmt: skip
    out, keys = tmp_path / "out", tmp_path / f"{'keys' * 40}.csv"
    output = _run(*files, "--out", str(out), "--json")
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    written = output + "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    assert not [key for key in ("m1", "m2", "child-a", "child-b") if key in written]
    assert f"Written: {keys}" in _run(*files, "--keys", str(keys))
    text = keys.read_text(encoding="utf-8")
    assert "one home or postcode,m1,m2,child-a,child-b" in text.splitlines()
    assert keys.stat().st_mode & 0o777 == 0o600


def test_a_faulty_file_is_refused_without_a_traceback(set_files: Path) -> None:
    """Prevents a fault of a file from showing its lines."""
    message = _run("--mentions", str(set_files / "table.csv"),
                   "--truth", str(set_files / "apart.csv"), code=1)  # fmt: skip
    assert message == "table.csv: no such column: mention_key"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mentions", "table.csv"), "needs --truth"),
        (("--truth", "table.csv"), "needs --mentions, or --left and --columns"),
        (("--keys", "keys.csv"), "needs --mentions, or --left and --columns"),
        (
            (
                "--left",
                "table.csv",
                "--truth",
                "table.csv",
                "--columns",
                "map.yaml",
                "--dedupe",
                "--train",
                "--keys",
                "k",
            ),
            "scores of tables",
        ),
        (("--left", "table.csv", "--truth", "table.csv"), "needs --left, --truth and --columns"),
        (
            ("--left", "table.csv", "--truth", "table.csv", "--columns", "map.yaml"),
            "either --right FILE",
        ),
        (
            ("--mentions", "table.csv", "--truth", "table.csv", "--dedupe"),
            "--mentions cannot be combined",
        ),
        (("--mentions", "table.csv", "--truth", "table.csv", "--train"), "scores of tables"),
    ],
)
def test_a_set_that_is_not_whole_is_refused_with_what_it_lacks(
    set_files: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Prevents an option that is taken and then ignored."""
    named = (
        str(set_files / each) if each.endswith(("csv", "yaml")) else each for each in arguments
    )
    assert message in _run(*named, code=1)
