"""Agreement: how well police and authorities agree, against the tolerances that were agreed.

Agreement is a model and tolerance is a test: nothing is matched or recomputed here.
"""

from __future__ import annotations

from expectations.suites.specs import (
    AUTHORITY,
    COLLECTION_YEAR,
    LEAST_RECORDS,
    NATION,
    ColumnsMeasure,
    EqualMeasure,
    ExpectationSpec,
    Rows,
    Scope,
    SuiteSpec,
    share_of_counts,
    share_of_rows,
    suite_of,
)
from register.queries import read_query

SUITE_NAME = "agreement"
AGREEMENT_MART = "agreement.fct_agreement"
AGGREGATE_MART = "agreement.agg_agreement_by_authority_year"
BOTH_EXPECTED = "is_police_expected and is_authority_expected"
JUDGED = Rows(AGREEMENT_MART, "is_in_scope", trace="agreement_id")
CELLS = Rows(
    AGGREGATE_MART,
    relation=f"""(
        select
            'in the aggregate' as place,
            (select sum(both_count + police_only_count + authority_only_count)
             from {AGGREGATE_MART}) as summed_count,
            (select count(*) from {AGREEMENT_MART} where is_in_scope) as row_count
    ) as totals""",
)
EPISODES = Rows(
    AGREEMENT_MART,
    relation=f"""(
        select
            (select count(episode_id_register) from {AGREEMENT_MART}) as judged_count,
            (select count(*) from register.fct_episodes as episodes
             where exists (
                 select 1 from {AGREEMENT_MART} as judged
                 where judged.episode_id_register = episodes.episode_id_register
             )) as found_count,
            (select count(*) from register.fct_episodes) as episode_count
    ) as totals""",
)
# Absences that each source alone has of the same children of an authority, in pairs.
MIRRORED_CHILDREN = read_query(
    __package__, "mirrored_children", mart=AGREEMENT_MART, both_expected=BOTH_EXPECTED
)
MIRRORED = Rows(
    AGREEMENT_MART,
    relation=f"({MIRRORED_CHILDREN}) as children",
)
# Of what both should record: status, sentence, words, whether much of it is good.
STATUSES = (
    (
        "both",
        "Police and authority both hold most of the absences that both should hold.",
        "episodes held by both",
        True,
    ),
    (
        "police_only",
        "Few absences that the authority should hold are known to the police only.",
        "episodes known to the police only",
        False,
    ),
    (
        "authority_only",
        "Few absences that the police should hold are known to the authority only.",
        "episodes known to the authority only",
        False,
    ),
)
# Where both recorded an episode: short name, sentence, words, what must be known, what is equal.
EQUALS = (
    (
        "category",
        "Where both hold an episode, they give it the same category.",
        "episodes with the same category",
        "is_category_equal is not null",
        "is_category_equal",
    ),
    (
        "start",
        "Where both hold an episode, their start times are within a day of each other.",
        "episodes whose starts differ by at most 24 hours",
        "start_difference_hours is not null",
        "abs(start_difference_hours) <= 24",
    ),
    (
        "end",
        "Where both hold an episode, their end times are within a day of each other.",
        "episodes whose ends differ by at most 24 hours",
        "end_difference_hours is not null",
        "abs(end_difference_hours) <= 24",
    ),
    (
        "duration",
        "Where both hold an episode, their durations are within a day of each other.",
        "episodes whose durations differ by at most 24 hours",
        "duration_difference_hours is not null",
        "abs(duration_difference_hours) <= 24",
    ),
    (
        "care_status",
        "Where both hold an episode, the police know whether the child is looked after.",
        "episodes with the right police care flag",
        "looked_after_agreement_code in ('equal', 'differs')",
        "looked_after_agreement_code = 'equal'",
    ),
)
# How many absences each source recorded, whether or not they are the same ones.
POLICE_COUNT = "count(*) filter (where status in ('both', 'police_only'))"
AUTHORITY_COUNT = "count(*) filter (where status in ('both', 'authority_only'))"
CATEGORIES = JUDGED.where(
    "status = 'both' and category_police_code is not null and category_authority_code is not null"
)
_expect = suite_of(SUITE_NAME)


def _beyond_chance(name: str, sentence: str, coefficient: str, scope: Scope) -> ExpectationSpec:
    """Categories as agreement compares them: away with no apparent risk or absent."""
    comparable = (
        "case when {0} in (select category_code from register.dim_categories "
        "where comparison_code = 'whereabouts_known') then 'away' else 'missing' end"
    )
    return _expect(
        name,
        sentence,
        CATEGORIES,
        ColumnsMeasure(
            left=comparable.format("category_police_code"),
            right=comparable.format("category_authority_code"),
            coefficient=coefficient,
            measured_name="police and authority",
            counted_name="missing or away",
            scope=scope.label,
            scope_kind=scope.kind,
            least_records=scope.least,
        ),
    )


SUITE = SuiteSpec(
    name=SUITE_NAME,
    title="Agreement of police and authorities",
    introduction=(
        "Of the episodes that both sources should hold, how many both do hold; and where both "
        "hold one, whether they say the same. Absences from home are not counted against an "
        "authority, which is not expected to hold them."
    ),
    expectations=(
        *(
            _expect(
                status,
                sentence,
                JUDGED.where(BOTH_EXPECTED),
                share_of_rows(
                    words,
                    f"status = '{status}'",
                    "episodes that both should hold",
                    AUTHORITY,
                    is_good=is_good,
                ),
            )
            for status, sentence, words, is_good in STATUSES
        ),
        _expect(
            "counts",
            "Police and authority count about as many absences that both should hold.",
            JUDGED.where(BOTH_EXPECTED),
            share_of_counts(
                ("absences that the source with fewer counts", "those that the other counts"),
                (
                    f"least({POLICE_COUNT}, {AUTHORITY_COUNT})",
                    f"greatest({POLICE_COUNT}, {AUTHORITY_COUNT})",
                ),
                AUTHORITY,
            ),
        ),
        _expect(
            "mirrored",
            "What each source alone has of a child is seldom the other half of the same absences.",
            MIRRORED,
            share_of_counts(
                (
                    "pairs of absences that the two sources hold apart",
                    "pairs and shared episodes",
                ),
                ("sum(mirrored_count)", "sum(mirrored_count + both_count)"),
                AUTHORITY,
                is_good=False,
            ),
        ),
        *(
            _expect(
                name,
                sentence,
                JUDGED.where(f"status = 'both' and {known}"),
                share_of_rows(words, equal, "episodes that both hold", AUTHORITY),
            )
            for name, sentence, words, known, equal in EQUALS
        ),
        _expect(
            "unexplained",
            "Most disagreements have a reason that the register can name.",
            JUDGED.where("status <> 'both'"),
            share_of_rows(
                "disagreements without a known reason (D0)",
                "reason_code = 'D0'",
                "episodes that one source only holds",
                COLLECTION_YEAR,
                is_good=False,
            ),
        ),
        _expect(
            "counts_add_up",
            "Both, police only and authority only together make the published total.",
            CELLS,
            EqualMeasure("summed_count", "row_count"),
        ),
        _expect(
            "episodes_once",
            "Every episode of the register is judged once, and no other is.",
            EPISODES,
            EqualMeasure("judged_count + found_count", "2 * episode_count"),
        ),
        _beyond_chance(
            "category_beyond_chance",
            "On missing or away, police and authority agree far more than by chance (AC1).",
            "ac1",
            AUTHORITY,
        ),
        _beyond_chance(
            "category_kappa",
            "On missing or away, police and authority agree more than by chance (Cohen's kappa).",
            "kappa",
            Scope(NATION.label, NATION.kind, LEAST_RECORDS),
        ),
    ),
)
