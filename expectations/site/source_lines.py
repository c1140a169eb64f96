"""Rows behind figures, with the lines of files behind them: a few of each, chosen in order.

Places are shown and no ids: delivery, file and line identify no person. The command of a figure
lists the same rows with their ids, for those who may read the published file. The pages that show
them are in `rows_page`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from expectations.published import MartUnreadableError, Published
from expectations.site.figures import JUDGED, Row, Source
from register.audit import STATUSES

ROWS_EACH = 3
# What the rows of a figure have in common: the column, in the order in which figures are shown.
KINDS = ("status", "reason_code", "rule_code")
Line = Row


@dataclass(frozen=True)
class SampledFigure:
    """A figure with some of its rows, each as the lines that suppliers delivered.

    `kind` and `value` are the column and the code that the rows have in common.
    """

    kind: str
    value: str
    source: Source
    rows: tuple[tuple[Line, ...], ...]

    @property
    def anchor(self) -> str:
        """The place of this figure's rows on its page."""
        return f"{self.kind}-{self.value}"


SampledRows = dict[str, list[SampledFigure]]


def rows_path(key: str) -> str:
    """The page of an area's rows; the key of the nation is `nation`."""
    return f"rows/{key}.html"


def read_sampled_rows(published: Published, year: str) -> SampledRows:
    """Rows of agreement of one collection year, and rules broken, for the nation and each area.

    The key is `nation` or a supplier's code. Empty where lines are not published.
    """
    in_year = JUDGED.narrowed(f"collection_year = '{year}'")
    try:
        lines = published.records(_agreement_query(in_year)) + published.records(BREACHES)
    except MartUnreadableError:
        return {}
    figures: dict[tuple[str, str, str], dict[str, list[Line]]] = {}
    for line in lines:
        rows = figures.setdefault((line["area_code"], line["kind"], line["value"]), {})
        found = rows.setdefault(line["row_id"], [])
        if line["delivery_id"] is not None:
            found.append(line)
    sampled: SampledRows = defaultdict(list)
    for (area, kind, value), rows in sorted(figures.items(), key=lambda item: _place(*item[0])):
        source = _source(in_year, area, kind, value)
        members = tuple(tuple(found) for found in rows.values())
        sampled[area].append(SampledFigure(kind, value, source, members))
    return dict(sampled)


def _agreement_query(source: Source) -> str:
    """The lines of the first rows by id, for every area, and every status and reason in it."""
    return f"""
        with judged as (
            select
                agreement_id,
                status,
                case when status <> 'both' then reason_code end as reason_code,
                'nation' as nation,
                authority_code_dfe,
                police_force_code
            from {source.mart}
            where {source.filter}
        ),
        by_area as (
            unpivot judged
            on nation, authority_code_dfe, police_force_code
            into name area_kind value area_code
        ),
        by_figure as (
            unpivot by_area on status, reason_code into name kind value "value"
        ),
        chosen as (
            select *
            from by_figure
            qualify row_number() over (
                partition by area_kind, area_code, kind, "value" order by agreement_id
            ) <= {ROWS_EACH}
        )
        select
            chosen.area_code,
            chosen.kind,
            chosen.value,
            chosen.agreement_id as row_id,
            reports.feed,
            reports.supplier_code,
            reports.delivery_id,
            reports.file_name,
            reports.row_number
        from chosen
        left join register.fct_reports as reports
            on
                chosen.agreement_id
                = coalesce(reports.episode_id_register, reports.report_id_register)
        order by all
    """


BREACHES = f"""
    select
        supplier_code as area_code,
        'rule_code' as kind,
        rule_code as "value",
        rule_breach_id as row_id,
        feed,
        supplier_code,
        delivery_id,
        file_name,
        row_number
    from register.fct_rule_breaches
    qualify row_number() over (
        partition by supplier_code, rule_code order by rule_breach_id
    ) <= {ROWS_EACH}
    order by delivery_id, file_name, row_number
"""


def _place(area: str, kind: str, value: str) -> tuple[int, int, int, str]:
    """Statuses in their fixed order, reasons by their number, rules by their code."""
    status = STATUSES.index(value) if value in STATUSES else len(STATUSES)
    return KINDS.index(kind), status, len(value) if kind == "reason_code" else 0, value


def _source(in_year: Source, area: str, kind: str, value: str) -> Source:
    """The figure's mart and filter. Codes of forces are nine characters, of authorities three."""
    if kind == "rule_code":
        condition = f"supplier_code = '{area}' and rule_code = '{value}'"
        return Source("register.fct_rule_breaches", condition, "rule_breach_id")
    source = in_year.narrowed(f"{kind} = '{value}'")
    if kind == "reason_code":
        source = source.narrowed("status <> 'both'")
    if area == "nation":
        return source
    column = "police_force_code" if len(area) == 9 else "authority_code_dfe"
    return source.narrowed(f"{column} = '{area}'")
