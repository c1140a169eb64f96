"""What each source has delivered, for the front page of a register in which a source is missing.

The facts and the advice come from `register.delivery_gaps`.
"""

from __future__ import annotations

from collections.abc import Iterable

from interfaces.quality_site.contents import Contents
from interfaces.quality_site.figures import Figures, Row, Source, read_counts
from interfaces.quality_site.sections import PageLink
from register.delivery_gaps import SOURCE_FEEDS, SOURCE_TITLES, DeliveryGaps

# Counts that only one source can have; they are left out where it has delivered nothing.
ONLY_SOURCES = {
    "away_children_count": "authority",
    "away_episode_count": "authority",
    "no_apparent_risk_children_count": "police",
    "no_apparent_risk_episode_count": "police",
}


def list_gap_rows(gaps: DeliveryGaps) -> list[Row]:
    """List each source with its suppliers and periods, and the periods that are not in use."""
    rows = []
    for source, feeds in SOURCE_FEEDS.items():
        own = [item for item in gaps.suppliers if item.feed in feeds]
        if not own:
            rows.append({"source": SOURCE_TITLES[source], "supplier": "", "used": "not delivered"})
        for item in own:
            unused = [f"{period} {status}" for period, status in item.unused]
            used = [", ".join(item.periods)] if item.periods else []
            texts = "; ".join([*used, *unused])
            rows.append({"source": item.feed_name, "supplier": item.supplier_name, "used": texts})
    return rows


def list_questions(questions: Iterable[PageLink], contents: Contents) -> list[PageLink]:
    """Return the questions that the register can answer with the sources that have delivered."""
    gaps = contents.gaps
    unanswered = () if gaps.can_compare else ("agreement.html", "areas/", "linkage.html")
    if not gaps.used:
        unanswered = (*unanswered, "index.html")
    if not contents.area_rows:
        unanswered = (*unanswered, "rows/")
    return [link for link in questions if not link.path.startswith(unanswered)]


def read_reports(contents: Contents) -> Figures:
    """Count reports by source."""
    return read_counts(
        contents.published,
        Source("register.fct_reports", trace="report_id_register"),
        """
        count(*) as report_count,
        count(distinct child_id_register) as child_count,
        count(distinct supplier_code) as supplier_count
        """,
        "source",
    )
