"""Rows behind figures, with the lines of files behind them: a few of each, chosen in order.

Places are shown and no ids: delivery, file and line say nothing of a person. The command of a
figure lists the same rows with their ids, for those who may read the published file.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from expectations.docs_site.figures import BOTH_EXPECTED
from expectations.docs_site.sources import Row, Source
from expectations.read import MartUnreadableError, Published
from register.audit import STATUSES

ROWS_EACH = 3
GROUPS = {
    "nation": "'nation'",
    "authority": "authority_code_dfe",
    "force": "police_force_code",
}
# What each group's rows are sampled by: its words begin with these.
KINDS = ("status", "reason_code")
LINES = """
    select
        reports.feed,
        reports.supplier_code,
        reports.delivery_id,
        reports.file_name,
        reports.row_number
"""


@dataclass(frozen=True)
class SampledRow:
    """One row of a figure: the lines that suppliers delivered, in order."""

    lines: tuple[Row, ...]


@dataclass(frozen=True)
class Sampled:
    """A figure with some of its rows. `kind` and `value` say what the rows have in common."""

    kind: str
    value: str
    source: Source
    rows: tuple[SampledRow, ...]


Samples = dict[str, list[Sampled]]


def sample_path(key: str) -> str:
    """The page of an area's rows; the key of the nation is `nation`."""
    return f"rows/{key}.html"


def sample_anchor(sampled: Sampled) -> str:
    """The place of one figure's rows on its page."""
    return f"{sampled.kind}-{sampled.value}"


def read_samples(published: Published, year: str) -> Samples:
    """Rows of agreement of one collection year, and rules broken, for the nation and each area.

    The key is `nation` or a supplier's code. Empty where lines are not published.
    """
    try:
        chosen = published.records(_agreement_query(year))
        lines = _grouped_lines(published.records(_agreement_lines(year)))
        breaches = published.records(_breach_query())
    except MartUnreadableError:
        return {}
    found: Samples = defaultdict(list)
    for key, kind, value, members in _figures(chosen):
        rows = tuple(SampledRow(tuple(lines[identifier])) for identifier in members)
        found[key].append(Sampled(kind, value, _agreement_source(year, key, kind, value), rows))
    for supplier, rule, rows_broken in _breach_figures(breaches):
        source = Source(
            "register.fct_rule_breaches",
            f"supplier_code = '{supplier}' and rule_code = '{rule}'",
            "rule_breach_id",
        )
        broken = tuple(SampledRow((row,)) for row in rows_broken)
        found[supplier].append(Sampled("rule_code", rule, source, broken))
    return dict(found)


def _agreement_query(year: str) -> str:
    """For every area, and for every status and reason in it, the first rows by id."""
    parts = [
        f"select '{group}' as area_kind, {column} as area_code, '{kind}' as kind, "
        f"{kind} as value, agreement_id, row_number() over "
        f"(partition by {column}, {kind} order by agreement_id) as place "
        f"from agreement.fct_agreement where {_in_year(year)}"
        + (" and status <> 'both'" if kind == "reason_code" else "")
        for group, column in GROUPS.items()
        for kind in KINDS
    ]
    return (
        f"select * from ({' union all '.join(parts)}) where place <= {ROWS_EACH} "
        "and value is not null and area_code is not null order by all"
    )


def _in_year(year: str) -> str:
    return f"{BOTH_EXPECTED} and collection_year = '{year}'"


def _agreement_lines(year: str) -> str:
    return f"""
        with chosen as (select distinct agreement_id from ({_agreement_query(year)}))
        {LINES}, coalesce(reports.episode_id_register, reports.report_id_register) as agreement_id
        from register.fct_reports as reports
        inner join chosen on
            coalesce(reports.episode_id_register, reports.report_id_register)
            = chosen.agreement_id
        order by all
    """


def _breach_query() -> str:
    return f"""
        {LINES}, rule_code
        from register.fct_rule_breaches as reports
        qualify row_number() over (
            partition by supplier_code, rule_code order by rule_breach_id
        ) <= {ROWS_EACH}
        order by supplier_code, rule_code, delivery_id, file_name, row_number
    """


def _grouped_lines(rows: list[Row]) -> defaultdict[str, list[Row]]:
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        lines[row["agreement_id"]].append(row)
    return lines


def _figures(chosen: list[Row]) -> list[tuple[str, str, str, list[str]]]:
    """Key, kind, value and ids of each figure, the statuses first."""
    figures: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in chosen:
        figures[row["area_code"], row["kind"], row["value"]].append(row["agreement_id"])
    return [
        (key, kind, value, members)
        for kind in KINDS
        for (key, own, value), members in sorted(figures.items(), key=_reading_order)
        if own == kind
    ]


def _reading_order(figure: tuple[tuple[str, str, str], list[str]]) -> tuple[int, int, str]:
    """Statuses as they are always read, reasons by their number."""
    value = figure[0][2]
    place = STATUSES.index(value) if value in STATUSES else len(STATUSES)
    return place, len(value), value


def _breach_figures(breaches: list[Row]) -> list[tuple[str, str, list[Row]]]:
    figures: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in breaches:
        figures[row["supplier_code"], row["rule_code"]].append(row)
    return [(supplier, rule, members) for (supplier, rule), members in figures.items()]


def _agreement_source(year: str, key: str, kind: str, value: str) -> Source:
    """The figure's mart and filter. Codes of forces are nine characters, of authorities three."""
    condition = f"{_in_year(year)} and {kind} = '{value}'"
    if kind == "reason_code":
        condition += " and status <> 'both'"
    if key != "nation":
        column = "police_force_code" if len(key) == 9 else "authority_code_dfe"
        condition += f" and {column} = '{key}'"
    return Source("agreement.fct_agreement", condition, "agreement_id")
