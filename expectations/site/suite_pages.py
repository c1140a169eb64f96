"""A page a suite: every expectation as a sentence, with what was observed, tolerated and why."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from expectations.results import FAILED, NOT_APPLICABLE, Result
from expectations.site.contents import Contents
from expectations.site.rendering import Page
from expectations.site.sources import Source
from expectations.suites import SUITES
from expectations.suites.specs import ExpectationSpec, SuiteSpec


def suite_pages(contents: Contents) -> list[Page]:
    """One page a suite."""
    return [_suite_page(contents, suite) for suite in SUITES]


def _suite_page(contents: Contents, suite: SuiteSpec) -> Page:
    results: dict[str, list[Result]] = defaultdict(list)
    for result in contents.results:
        results[result.expectation].append(result)
    content: dict[str, Any] = {
        "suite": suite,
        "items": [
            _item(spec, results[spec.name]) for spec in suite.expectations if results[spec.name]
        ],
    }
    path = f"suites/{suite.name}.html"
    return Page(path, "suite.html", suite.title, "suites/index.html", content)


def _item(spec: ExpectationSpec, results: list[Result]) -> dict[str, Any]:
    whole, *scopes = results
    # The nation as the one scope says no more than the whole.
    scopes = [result for result in scopes if result.scope_kind != "nation"]
    outside = [result for result in scopes if result.status == FAILED]
    return {
        "whole": whole,
        "scopes": scopes,
        "kind": scopes[0].scope_kind if scopes else "",
        "outside": sorted(outside, key=lambda result: -result.unexpected_count),
        "too_small": sum(result.status == NOT_APPLICABLE for result in scopes),
        "source": Source(whole.mart, whole.filter, whole.trace, spec.relation),
    }
