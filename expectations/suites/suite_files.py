"""Reader of the suites' YAML files: one file for each concern, one entry for each expectation.

An entry has the fields of `ExpectationSpec`, the name of a scope, and one measure under the name of
its kind. `query` names a file in `sql`, whose query replaces the mart. `needs` of a suite holds for
its entries. A share with `where` is
`count(*) filter (where …)` divided by `count(*)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from expectations.suites.specs import (
    ColumnsMeasure,
    EqualMeasure,
    ExpectationSpec,
    IntervalMeasure,
    Measure,
    PresentMeasure,
    ShareMeasure,
    SuiteSpec,
    TextMeasure,
    TotalMeasure,
)
from register.queries import read_query
from register.yaml_file import read_yaml

MEASURES: dict[str, Callable[..., Measure]] = {
    "share": ShareMeasure,
    "equal": EqualMeasure,
    "total": TotalMeasure,
    "present": PresentMeasure,
    "interval": IntervalMeasure,
    "agreement": ColumnsMeasure,
    "text": TextMeasure,
}
SCOPED_MEASURES = ("share", "interval", "agreement")
# Codes that do not count as a known value.
UNKNOWN_CODES = ("unknown", "unmapped")
# A share of fewer records than this depends more on chance than on the quality of the records.
LEAST_RECORDS = 20
# For each scope: the SQL expression of its label, its name in texts, and the number of records
# below which it is not judged.
SCOPES = {
    "nation": ("'England'", "nation", 1),
    "feed": ("feed", "feed", 1),
    "supplier": ("supplier_code", "supplier", LEAST_RECORDS),
    "supplier_feed": ("feed || ' ' || supplier_code", "supplier", LEAST_RECORDS),
    "authority": ("authority_code_dfe", "authority", LEAST_RECORDS),
    "authority_return": ("supplier_code", "authority", LEAST_RECORDS),
    "collection_year": ("collection_year", "collection year", LEAST_RECORDS),
    "file": ("file", "file", 1),
    "unit": ("unit", "way of counting", 1),
    "group": ("grouping || ' ' || group_value", "group", 50),
    "comparison": ("comparison_code", "comparison", 200),
}


def read_suite(name: str) -> SuiteSpec:
    """Return the suite in `<name>.yaml`. Raises `TypeError` or `KeyError` for an unknown field."""
    content = read_yaml(Path(__file__).with_name(f"{name}.yaml"))
    needs = content.get("needs", ())
    specs = (
        _read_spec(name, short_name, {"needs": needs} | entry)
        for short_name, entry in content["expectations"].items()
    )
    return SuiteSpec(name, content["title"], content["introduction"], tuple(specs))


def _read_spec(suite: str, short_name: str, entry: dict[str, Any]) -> ExpectationSpec:
    fields = {**entry, "needs": tuple(entry["needs"])}
    (kind,) = MEASURES.keys() & fields.keys()
    label, scope_kind, least_records = SCOPES[fields.pop("scope", "nation")]
    scope = {
        "scope": label,
        "scope_kind": scope_kind,
        "least_records": fields.pop("least_records", least_records),
    }
    measure = _read_measure(kind, fields.pop(kind), scope)
    if "query" in fields:
        fields["relation"] = f"({read_query(__package__, fields.pop('query'))})"
    return ExpectationSpec(suite=suite, name=f"{suite}_{short_name}", measure=measure, **fields)


def _read_measure(kind: str, entry: Any, scope: dict[str, Any]) -> Measure:
    if kind == "total":
        return TotalMeasure(entry)
    if kind == "present":
        return PresentMeasure(entry, UNKNOWN_CODES)
    fields = dict(entry)
    if kind == "interval":
        fields |= {side: f"{fields['share']}_{side}" for side in ("lower", "upper")}
    elif "where" in fields:
        fields["numerator"] = f"count(*) filter (where {fields.pop('where')})"
        fields["denominator"] = "count(*)"
    if kind in SCOPED_MEASURES:
        fields |= scope
    return MEASURES[kind](**fields)
