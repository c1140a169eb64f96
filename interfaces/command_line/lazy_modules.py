"""The modules that commands use, each imported at the first use of one of its names.

This saves `--help` and the completion of options most of a second. Modules that are quick to import
are imported by each command itself.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    import official_statistics
    from interfaces import web
    from official_statistics import checks, production, releases
    from official_statistics import export as statistics_export
    from orchestration import dbt
    from register import (
        answers,
        audit,
        backup,
        conformance,
        decision_files,
        delivery_gaps,
        encrypted_kinds,
        erasure,
        feeds,
        home_status,
        linkage_models,
        load_history,
        publishing,
        recording_changes,
        review,
        serving,
    )
    from register.identity import clean, evaluate, score
else:

    class _LazyModule(ModuleType):
        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self.__name__), name)

    answers = _LazyModule("register.answers")
    audit = _LazyModule("register.audit")
    backup = _LazyModule("register.backup")
    checks = _LazyModule("official_statistics.checks")
    conformance = _LazyModule("register.conformance")
    clean = _LazyModule("register.identity.clean")
    delivery_gaps = _LazyModule("register.delivery_gaps")
    dbt = _LazyModule("orchestration.dbt")
    decision_files = _LazyModule("register.decision_files")
    duckdb = _LazyModule("duckdb")
    encrypted_kinds = _LazyModule("register.encrypted_kinds")
    erasure = _LazyModule("register.erasure")
    evaluate = _LazyModule("register.identity.evaluate")
    feeds = _LazyModule("register.feeds")
    home_status = _LazyModule("register.home_status")
    linkage_models = _LazyModule("register.linkage_models")
    load_history = _LazyModule("register.load_history")
    official_statistics = _LazyModule("official_statistics")
    statistics_export = _LazyModule("official_statistics.export")
    production = _LazyModule("official_statistics.production")
    publishing = _LazyModule("register.publishing")
    recording_changes = _LazyModule("register.recording_changes")
    releases = _LazyModule("official_statistics.releases")
    review = _LazyModule("register.review")
    score = _LazyModule("register.identity.score")
    serving = _LazyModule("register.serving")
    web = _LazyModule("interfaces.web")

__all__ = [
    "answers",
    "audit",
    "backup",
    "checks",
    "clean",
    "conformance",
    "dbt",
    "decision_files",
    "delivery_gaps",
    "duckdb",
    "encrypted_kinds",
    "erasure",
    "evaluate",
    "feeds",
    "home_status",
    "linkage_models",
    "load_history",
    "official_statistics",
    "production",
    "publishing",
    "recording_changes",
    "releases",
    "review",
    "score",
    "serving",
    "web",
]
