"""The marts of linkage as the site reads them: error, bias between groups, reasons and keys."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.docs_site.sources import Figures, Source, read_figures
from expectations.read import Published


@dataclass(frozen=True)
class Linkage:
    """How sure the register is of its links and of its reasons."""

    quality: Figures
    confusion: Figures
    churn: Figures
    events: Figures


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
    )
