"""The marts of statistics as the site reads them: only the columns shown, by area and year.

Every share, interval and coefficient is the mart's. Counts of children known to both sources are
those of each source less those of the register, which holds every child once.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.docs_site.figures import BOTH_EXPECTED
from expectations.docs_site.sources import Figures, Source, read_figures
from expectations.read import Published
from register.audit import LATEST_YEAR

LEAST_EPISODES = 20
JUDGED = Source("agreement.fct_agreement", BOTH_EXPECTED, "agreement_id")
NATION = "area_level_code = 'nation'"
EVERY_CHILD = "population_code = 'every_child'"


@dataclass(frozen=True)
class Statistics:
    """What the pages of agreement and of measures show; `latest` is the last year that ended."""

    latest: str
    children: Figures
    areas: Figures
    populations: Figures
    reason_years: Figures
    reason_areas: Figures
    lags: Figures
    durations: Figures
    months: Figures
    unseen: Figures
    measures: Figures
    interviews: Figures
    repeats: Figures
    open_now: Figures
    breaks: Figures
    corrected: Figures
    reconciliation: Figures
    reconciliation_by_characteristic: Figures
    trends: Figures


def read_latest_year(published: Published) -> str:
    """The last collection year that had ended when the last delivery was received."""
    found = read_figures(published, Source(f"({LATEST_YEAR}) as latest (collection_year)"))
    year = found.rows[0]["collection_year"] if found.rows else None
    return str(year or "")


def read_statistics(published: Published) -> Statistics:
    """Read every mart of statistics; one that this generation lacks is empty and says so."""
    latest = read_latest_year(published)
    this_year = f"collection_year = '{latest}'"
    return Statistics(
        latest=latest,
        children=_nation(
            published,
            "agg_measures_by_area_year",
            "population_code in ('every_child', 'looked_after', 'home')",
            "order by collection_year desc, population_code, basis_code",
        ),
        areas=read_figures(
            published,
            Source(
                "agreement.agg_agreement_by_area_year",
                f"{EVERY_CHILD} and {this_year} and both_expected_count > 0",
                counts=JUDGED.narrowed(this_year),
            ),
            ending="order by area_level_code, both_when_expected_share, area_code",
        ),
        populations=_nation(
            published, "agg_agreement_by_area_year", this_year, "order by total_count desc"
        ),
        reason_years=_reasons(published, "collection_year", JUDGED.narrowed("status <> 'both'")),
        reason_areas=_reasons(
            published,
            "authority_code_dfe",
            JUDGED.narrowed(f"status <> 'both' and {this_year}"),
        ),
        lags=_nation(
            published,
            "agg_lags_by_area_year",
            f"{EVERY_CHILD} and {this_year}",
            "order by lag_code, linkage_code",
        ),
        durations=_nation(
            published,
            "agg_duration_agreement_by_area_year",
            EVERY_CHILD,
            "order by collection_year desc, linkage_code",
        ),
        months=read_months(published),
        unseen=_nation(
            published,
            "agg_capture_recapture_by_area_year",
            f"population_code = 'looked_after' and {this_year}",
            "order by odds_ratio",
        ),
        measures=_nation(
            published,
            "agg_measures_by_area_year",
            "population_code in ('every_child', 'looked_after') and basis_code = 'register'",
            "order by population_code, collection_year desc",
        ),
        interviews=_nation(
            published,
            "agg_return_interviews_by_area_year",
            "population_code in ('every_child', 'looked_after')",
            "order by population_code, collection_year desc",
        ),
        repeats=_nation(
            published,
            "agg_repeat_absences_by_area_year",
            "population_code in ('every_child', 'looked_after')",
            "order by population_code, collection_year desc",
        ),
        open_now=_nation(
            published,
            "agg_open_episodes_by_area",
            "is_latest",
            "order by population_code, most_days_open",
        ),
        corrected=_nation(
            published,
            "agg_agreement_corrected_by_linkage",
            f"population_code in ('every_child', 'looked_after') and {this_year}",
            "order by population_code, linkage_code",
        ),
        reconciliation=read_figures(
            published,
            Source("agreement.agg_reconciliation_by_area_year", "published_figure is not null"),
            ending="order by collection_year desc, area_level_code, area_code, measure_code",
        ),
        reconciliation_by_characteristic=read_figures(
            published,
            Source(
                "agreement.agg_reconciliation_by_characteristic_year",
                "characteristic_code not in ('every', 'ethnicity')",
            ),
            ending="order by collection_year desc, category_code desc, characteristic_code,"
            " value_code = 'every', value_code",
        ),
        breaks=read_figures(
            published,
            Source("agreement.agg_recording_breaks_by_supplier"),
            "*, strftime(break_month, '%Y-%m') as month,"
            " strftime(changed_from_date, '%Y-%m-%d') as changed_from",
            "order by break_month desc, supplier_code, feed, category_code",
        ),
        trends=read_figures(
            published,
            Source("agreement.agg_trends_by_supplier_month", "category_code = 'every'"),
            "*, strftime(start_month, '%Y-%m') as month",
            "order by supplier_code, feed, start_month",
        ),
    )


def _nation(published: Published, mart: str, condition: str, ending: str) -> Figures:
    source = Source(f"agreement.{mart}", f"{NATION} and {condition}")
    return read_figures(published, source, ending=ending)


def _reasons(published: Published, group: str, source: Source) -> Figures:
    return read_figures(
        published,
        source,
        f"{group}, reason_code, count(*) as episode_count",
        f"and reason_code is not null group by {group}, reason_code "
        f"order by {group}, episode_count desc, reason_code",
    )


def read_months(published: Published) -> Figures:
    """Of what both should hold, the share that both do, month by month for the nation."""
    return read_figures(
        published,
        Source("agreement.agg_agreement_by_authority_force_month", "start_month is not null"),
        """
        strftime(start_month, '%Y-%m') as month,
        cast(sum(both_expected_count) as bigint) as expected_count,
        cast(sum(both_when_expected_count) as bigint) as both_count
        """,
        "group by start_month having sum(both_expected_count) >= "
        f"{LEAST_EPISODES} order by start_month",
    )
