"""Publication: the public files of the latest release, as anybody can download them.

What a release must pass before it is signed is its own check (`register statistics check`). Here it
is measured how the files are that are out.
"""

from __future__ import annotations

from expectations.suites.specs import Rows, Scope, SuiteSpec, share_of_rows, suite_of

SUITE_NAME = "publication"
FIGURES = Rows("released_figures")
COUNTS = FIGURES.where("kind = 'count'")
SHOWN = "regexp_full_match(figure, '[0-9]+')"
LOCAL = "geographic_level in ('Local authority', 'Police force area')"
FILE = Scope("file", "file", 1)
ADDED_UP = """(
    select
        file, reporting_year, geographic_level, area_code, rounding_unit,
        regexp_replace(filter_values, 'source_status=[^;]*', '') as others,
        sum(try_cast(figure as bigint)) filter (where filter_values like '%source_status=Total%')
            as total_count,
        sum(try_cast(figure as bigint))
            filter (where filter_values not like '%source_status=Total%') as part_sum,
        count(*) as row_count
    from released_figures
    where
        file = 'agreement_by_area' and indicator = 'episode_count'
        and regexp_full_match(figure, '[0-9]+')
    group by all
)"""
SHARES = """(
    select
        part.file, part.reporting_year, part.geographic_level, part.figure,
        try_cast(counted.figure as double) as part_count,
        try_cast(whole.figure as double) as total_count
    from released_figures as part
    inner join released_figures as counted
        on part.file = counted.file and part.reporting_year = counted.reporting_year
            and part.geographic_level = counted.geographic_level
            and part.area_code = counted.area_code
            and part.filter_values = counted.filter_values
            and counted.indicator = 'episode_count'
    inner join released_figures as whole
        on part.file = whole.file and part.reporting_year = whole.reporting_year
            and part.geographic_level = whole.geographic_level
            and part.area_code = whole.area_code and whole.indicator = 'episode_count'
            and whole.filter_values = regexp_replace(
                part.filter_values, 'source_status=[^;]*', 'source_status=Total'
            )
    where
        part.file = 'agreement_by_area' and part.indicator = 'episode_percent'
        and regexp_full_match(part.figure, '[0-9.]+')
)"""
SAME_CELL = """(
    select first.file, first.reporting_year, first.figure, second.figure as other_figure
    from released_figures as first
    inner join released_figures as second
        on first.reporting_year = second.reporting_year
            and first.geographic_level = second.geographic_level
            and first.area_code = second.area_code
    where
        first.file = 'missing_children_by_area' and first.indicator = 'episode_count'
        and first.filter_values = 'care_status=Total;absence_category=Total'
        and second.file = 'agreement_by_area' and second.indicator = 'episode_count'
        and second.filter_values
            = 'care_status=Total;agreement_scope=All episodes;source_status=Total'
)"""
_expect = suite_of(SUITE_NAME)

SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Public files of the statistics",
    introduction=(
        "Whether the public files of the latest release are as their rules say. Every figure is "
        "a number or a symbol, counts are rounded and add up, and few are hidden."
    ),
    expectations=(
        _expect(
            "figures_readable",
            "Every figure is a number or one of the five symbols.",
            FIGURES,
            share_of_rows(
                "numbers and known symbols",
                "regexp_full_match(figure, '-?[0-9]+([.][0-9]+)?|c|z|x|low|u')",
                "figures",
                FILE,
            ),
        ),
        _expect(
            "counts_rounded",
            "Every shown count is 0, or at least 10 and a multiple of its rounding unit.",
            COUNTS.where(SHOWN),
            share_of_rows(
                "rounded counts",
                "try_cast(figure as bigint) = 0 or (try_cast(figure as bigint) >= 10 "
                "and try_cast(figure as bigint) % rounding_unit = 0)",
                "shown counts",
                FILE,
            ),
        ),
        _expect(
            "local_counts_shown",
            "Most counts of authorities and forces that are not 0 are shown.",
            COUNTS.where(f"{LOCAL} and figure not in ('0', 'z', 'x')"),
            share_of_rows(
                "shown counts", "figure <> 'c'", "counts of authorities and forces", FILE
            ),
        ),
        _expect(
            "area_counts_shown",
            "Nearly every count of England and its regions that is not 0 is shown.",
            COUNTS.where(f"not {LOCAL} and figure not in ('0', 'z', 'x')"),
            share_of_rows("shown counts", "figure <> 'c'", "counts of England and regions", FILE),
        ),
        _expect(
            "sources_add_up",
            "Episodes of both sources, police only and authority only add up within rounding.",
            Rows("released_figures", "row_count = 4", ADDED_UP),
            share_of_rows(
                "totals within rounding of their parts",
                "abs(total_count - part_sum) <= 2 * rounding_unit",
                "totals with all parts shown",
                FILE,
            ),
        ),
        _expect(
            "shares_recomputed",
            "Every share of agreement is that of its shown counts.",
            Rows("released_figures", "total_count > 0", SHARES),
            share_of_rows(
                "shares that follow from shown counts",
                "abs(try_cast(figure as double) - 100 * part_count / total_count) <= 0.0501",
                "shown shares",
                FILE,
            ),
        ),
        _expect(
            "files_agree",
            "The number of episodes of a place is the same in two files.",
            Rows("released_figures", "true", SAME_CELL),
            share_of_rows("figures that are the same", "figure = other_figure", "places", FILE),
        ),
        _expect(
            "screener_passed",
            "No rule of the platform's screener fails.",
            Rows("released_screener_rules"),
            share_of_rows("rules without a failure", "failure_count = 0", "rules", FILE),
        ),
        _expect(
            "screener_without_warning",
            "Few rules of the platform's screener give a warning.",
            Rows("released_screener_rules"),
            share_of_rows("rules without a warning", "warning_count = 0", "rules", FILE),
        ),
    ),
)
