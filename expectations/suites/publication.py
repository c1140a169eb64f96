"""Publication: the public files of the latest release, as anybody can download them.

What a release must pass before it is signed is its own check (`register statistics check`). Here it
is measured how the files are that are out.
"""

from __future__ import annotations

from expectations.suites.specs import Rows, Scope, SuiteSpec, share_of_rows, suite_of
from register.queries import read_query

SUITE_NAME = "publication"
FIGURES = Rows("released_figures")
COUNTS = FIGURES.where("kind = 'count'")
SHOWN = "regexp_full_match(figure, '[0-9]+')"
LOCAL = "geographic_level in ('Local authority', 'Police force area')"
FILE = Scope("file", "file", 1)
ADDED_UP = read_query(__package__, "added_up")
SHARES = read_query(__package__, "shares_and_counts")
SAME_CELL = read_query(__package__, "cells_of_two_files")
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
            Rows("released_figures", "row_count = 4", f"({ADDED_UP})"),
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
            Rows("released_figures", "total_count > 0", f"({SHARES})"),
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
            Rows("released_figures", "true", f"({SAME_CELL})"),
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
