"""The forge's workflow and its templates say what the project's own scripts and pages say."""

from __future__ import annotations

import yaml

from register.settings import PROJECT_ROOT

FORGE = PROJECT_ROOT / ".github"


def test_the_workflow_runs_the_script_that_runs_everywhere() -> None:
    """Prevents a second list of what must hold, which drifts from `.ci/run`."""
    workflow = yaml.safe_load((FORGE / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [text for text in commands if not text.startswith("git config ")] == [".ci/run"]
    assert (PROJECT_ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_who_reports_is_told_to_paste_no_personal_data() -> None:
    """Prevents a child's record in an issue that everybody reads."""
    templates = sorted((FORGE / "ISSUE_TEMPLATE").glob("*.md"))
    assert len(templates) == 3
    warning = ("Never paste a name", "Never attach a delivered one")
    texts = [path.read_text(encoding="utf-8") for path in templates]
    assert all(any(part in text for part in warning) for text in texts)
