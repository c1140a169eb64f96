"""The marts of linkage as the site reads them: error, bias between groups, reasons and keys."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.published import Published
from expectations.site.sources import Figures, Source, read_figures

# Persons of each supplier, and those of them whose child the other source knows too.
LINKED = """
    issuer_code as supplier_code,
    count(*) as person_count,
    count(*) filter (
        where child_id_register in (
            select child_id_register
            from register.bridge_child_sources
            group by child_id_register
            having count(distinct source) > 1
        )
    ) as linked_count
"""


@dataclass(frozen=True)
class Linkage:
    """How sure the register is of its links and of its reasons."""

    quality: Figures
    confusion: Figures
    churn: Figures
    events: Figures
    links: Figures


def read_linkage(published: Published) -> Linkage:
    """Read every mart of linkage; one that this generation lacks is empty and says so."""
    return Linkage(
        quality=read_figures(
            published,
            Source("quality.agg_linkage_quality"),
            ending="order by basis desc, unit desc, linkage, grouping, group_value",
        ),
        confusion=read_figures(
            published,
            Source("quality.agg_reason_confusion"),
            ending="order by true_reason_code, row_count desc",
        ),
        churn=read_figures(
            published,
            Source("quality.agg_identity_churn_by_generation"),
            ending="order by generation_id",
        ),
        events=read_figures(
            published,
            Source("register.fct_identity_events"),
            "event_code, count(*) as event_count",
            "group by event_code order by event_count desc",
        ),
        links=read_figures(
            published,
            Source("register.bridge_child_sources", trace="child_id_register"),
            LINKED,
            "group by issuer_code order by issuer_code",
        ),
    )
