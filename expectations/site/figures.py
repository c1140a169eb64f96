"""What the site shows of the published marts: figures, each with the mart and filter it is from.

Only counts, codes and delivery ids are read. Nothing is judged here: that is in the results.
"""

from __future__ import annotations

from dataclasses import replace

from expectations.published import Published
from expectations.site.sources import Figures, Row, Source, read_figures

BOTH_EXPECTED = "is_police_expected and is_authority_expected"
STATUS_COUNTS = """
    count(*) filter (where status = 'both') as both_count,
    count(*) filter (where status = 'police_only') as police_only_count,
    count(*) filter (where status = 'authority_only') as authority_only_count,
    count(*) as total_count
"""


def read_years(published: Published) -> Figures:
    """Children and episodes by collection year."""
    return read_figures(
        published,
        Source("register.fct_episodes", trace="episode_id_register"),
        """
        collection_year,
        count(distinct child_id_register) as child_count,
        count(*) as episode_count,
        count(*) filter (where care_status_code = 'looked_after') as looked_after_count,
        count(*) filter (where care_status_code = 'home') as home_count,
        count(*) filter (where is_open) as open_count
        """,
        "group by collection_year order by collection_year desc",
    )


def read_missing_children(published: Published) -> int:
    """Children with at least one episode."""
    query = "select count(distinct child_id_register) as child_count from register.fct_episodes"
    return int(published.records(query)[0]["child_count"])


def read_reports(published: Published) -> Figures:
    """Reports by source."""
    return read_figures(
        published,
        Source("register.fct_reports", trace="report_id_register"),
        """
        source,
        count(*) as report_count,
        count(distinct child_id_register) as child_count,
        count(distinct supplier_code) as supplier_count
        """,
        "group by source order by source",
    )


def read_agreement_by_year(published: Published) -> Figures:
    """Both, police only and authority only, of what both should hold, by collection year."""
    return read_figures(
        published,
        Source("agreement.fct_agreement", BOTH_EXPECTED, "agreement_id"),
        f"collection_year, {STATUS_COUNTS}",
        "and collection_year is not null group by collection_year order by collection_year",
    )


def read_agreement_by(published: Published, column: str) -> Figures:
    """The same by `authority_code_dfe` or `police_force_code`, and by collection year."""
    return read_figures(
        published,
        Source("agreement.fct_agreement", BOTH_EXPECTED, "agreement_id"),
        f"{column} as supplier_code, collection_year, {STATUS_COUNTS}",
        f"and {column} is not null and collection_year is not null "
        f"group by {column}, collection_year order by {column}, collection_year",
    )


def read_reasons(published: Published) -> Figures:
    """Why one source only holds an episode that both should hold, by area and force."""
    return read_figures(
        published,
        Source("agreement.fct_agreement", f"{BOTH_EXPECTED} and status <> 'both'", "agreement_id"),
        "reason_code, authority_code_dfe, police_force_code, count(*) as episode_count",
        "and reason_code is not null group by reason_code, authority_code_dfe, police_force_code "
        "order by reason_code",
    )


def read_deliveries(published: Published) -> Figures:
    """Every delivery: what became of it, and its rows."""
    found = read_figures(
        published,
        Source(
            "register.dim_deliveries",
            trace="delivery_id",
            relation="""
                register.dim_deliveries as deliveries
                left join quality.agg_rows_by_delivery as counted
                    on deliveries.delivery_id = counted.delivery_id
            """,
        ),
        """
        deliveries.delivery_id,
        deliveries.supplier_code,
        deliveries.feed,
        deliveries.period,
        deliveries.period_start,
        deliveries.period_end,
        strftime(deliveries.received_at, '%Y-%m-%d') as received_on,
        deliveries.outcome,
        deliveries.status,
        deliveries.reject_rule_code,
        counted.received_row_count,
        counted.landed_row_count,
        counted.quarantined_row_count
        """,
        "order by deliveries.received_at desc, deliveries.delivery_id",
    )
    return replace(found, source=replace(found.source, relation=""))


def read_coverage(published: Published) -> Figures:
    """What each supplier's calendar expects and what came, newest first."""
    return read_figures(
        published,
        Source("quality.agg_supplier_coverage_by_period", "is_expected"),
        """
        supplier_code,
        feed,
        period,
        strftime(due_date, '%Y-%m-%d') as due_on,
        is_delivered,
        is_late
        """,
        "order by period desc, feed, supplier_code",
    )


def read_completeness(published: Published) -> Figures:
    """How far each supplier fills each field of its feed."""
    return read_figures(
        published,
        Source("quality.agg_completeness_by_supplier"),
        """
        supplier_code, feed, table_name, field_name,
        row_count, valid_count, other_count, default_count, invalid_count, missing_count
        """,
        "order by supplier_code, feed, table_name, field_name",
    )


def read_breaches(published: Published) -> Figures:
    """Rules broken, by supplier and rule."""
    return read_figures(
        published,
        Source("register.fct_rule_breaches", trace="rule_breach_id"),
        "supplier_code, feed, rule_code, count(*) as breach_count",
        "group by supplier_code, feed, rule_code "
        "order by supplier_code, breach_count desc, rule_code",
    )


def read_suppliers(published: Published) -> list[Row]:
    """Every supplier, by type and name."""
    return published.records(
        """
        select supplier_code, supplier_name, supplier_type
        from register.dim_suppliers
        order by supplier_type desc, supplier_name, supplier_code
        """
    )


def read_regions(published: Published) -> list[Row]:
    """Every region by its code."""
    return published.records(
        """
        select distinct region_code_ons, region_name
        from register.dim_authorities
        where region_code_ons is not null
        """
    )


def read_code_list(published: Published, table: str) -> Figures:
    """A dimension of codes as published, whatever its columns."""
    source = Source(f"register.{table}")
    rows = published.records(f"select * from {source.mart} order by 1")
    rows.sort(key=lambda row: row.get("sort_order") or 0)
    return Figures(rows, source)
