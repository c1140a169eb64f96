"""Everything published about the drawn cases: reports, links and the lines behind them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import duckdb

from register.audit.sampling import Case, Sample
from register.publishing.generations import Generation
from register.publishing.trace import SourceLine, Trace, follow, open_locked

Row = dict[str, Any]
REPORTS = """
    select
        coalesce(episode_id_register, report_id_register) as agreement_id,
        report_id_register,
        child_id_register,
        source,
        feed,
        supplier_code,
        category_code,
        started_at,
        start_precision,
        ended_at,
        end_precision,
        reported_at,
        risk_initial_code,
        location_type_code,
        looked_after_flag_code,
        version_count
    from register.fct_reports
    where coalesce(episode_id_register, report_id_register) in (select unnest($ids))
    order by started_at nulls last, report_id_register
"""
EPISODES = """
    select
        episode_id_register as agreement_id,
        started_at,
        ended_at,
        is_open,
        category_code,
        care_status_code,
        placement_type_code,
        is_out_of_area,
        age_at_start,
        placing_authority_code_dfe,
        host_authority_code_dfe,
        police_force_code
    from register.fct_episodes
    where episode_id_register in (select unnest($ids))
"""
LINKS = """
    select
        child_id_register,
        mention_id_register,
        source,
        issuer_code,
        is_founder,
        link_method,
        match_weight
    from register.bridge_child_sources
    where child_id_register in (select unnest($ids))
    order by first_received_at, mention_id_register
"""
SUPPLIERS = "select supplier_code, supplier_name from register.dim_suppliers"
REASONS = "select reason_code, reason_name from register.dim_reasons"


@dataclass(frozen=True)
class CaseDetails:
    """One case with what each source says, what was linked to what, and where it is from."""

    case: Case
    episode: Row | None
    reports: list[Row]
    links: list[Row]
    lines: tuple[SourceLine, ...]
    reason_name: str


def read_details(generation: Generation, sample: Sample) -> list[CaseDetails]:
    """Read the details of every case of a sample, in the order of its numbers."""
    ids = [case.row.agreement_id for case in sample.cases]
    with open_locked(generation) as connection:
        reports = _by(_rows(connection, REPORTS, ids), "agreement_id")
        episodes = _by(_rows(connection, EPISODES, ids), "agreement_id")
        children = sorted({row["child_id_register"] for rows in reports.values() for row in rows})
        links = _by(_rows(connection, LINKS, children), "child_id_register")
        names = {row["supplier_code"]: row["supplier_name"] for row in _rows(connection, SUPPLIERS)}
        reasons = {row["reason_code"]: row["reason_name"] for row in _rows(connection, REASONS)}
        traces = {identifier: follow(connection, generation, identifier) for identifier in ids}
    return [
        CaseDetails(
            case=case,
            episode=next(iter(episodes[case.row.agreement_id]), None),
            reports=[
                {**row, "supplier_name": names.get(row["supplier_code"], row["supplier_code"])}
                for row in reports[case.row.agreement_id]
            ],
            links=_links_of(reports[case.row.agreement_id], links),
            lines=_lines(traces[case.row.agreement_id]),
            reason_name=reasons.get(case.row.reason_code, ""),
        )
        for case in sample.cases
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, ids: list[str] | None = None
) -> list[Row]:
    found = connection.execute(query, {"ids": ids} if ids is not None else None)
    rows: list[Row] = found.to_arrow_table().to_pylist()
    return rows


def _by(rows: list[Row], column: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row[column])].append(row)
    return grouped


def _links_of(reports: list[Row], links: defaultdict[str, list[Row]]) -> list[Row]:
    children = sorted({str(row["child_id_register"]) for row in reports})
    return [link for child in children for link in links[child]]


def _lines(trace: Trace | None) -> tuple[SourceLine, ...]:
    return () if trace is None else trace.lines
