"""Agreement: how well police and authorities agree, against the tolerances that were agreed.

Agreement is a model and tolerance is a test: nothing is matched or recomputed here.
"""

from __future__ import annotations

from expectations.specs import EqualMeasure, ExpectationSpec, ShareMeasure, SuiteSpec

SUITE_NAME = "agreement"
AGREEMENT_MART = "agreement.fct_agreement"
AGGREGATE_MART = "agreement.agg_agreement_by_authority_year"
BOTH_EXPECTED = "is_police_expected and is_authority_expected"
# Below this an authority's share says more of chance than of its records.
LEAST_EPISODES = 20


def _status(status: str, name: str, sentence: str, words: str, is_good: bool) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart=AGREEMENT_MART,
        condition=BOTH_EXPECTED,
        measure=ShareMeasure(
            numerator=f"count(*) filter (where status = '{status}')",
            denominator="count(*)",
            numerator_name=words,
            denominator_name="episodes that both should hold",
            scope="authority_code_dfe",
            scope_kind="authority",
            least_denominator=LEAST_EPISODES,
            is_numerator_good=is_good,
        ),
        trace="agreement_id",
    )


def _matched(
    name: str, sentence: str, words: str, condition: str, numerator: str
) -> ExpectationSpec:
    return ExpectationSpec(
        suite=SUITE_NAME,
        name=name,
        sentence=sentence,
        mart=AGREEMENT_MART,
        condition=f"status = 'both' and {condition}",
        measure=ShareMeasure(
            numerator=f"count(*) filter (where {numerator})",
            denominator="count(*)",
            numerator_name=words,
            denominator_name="episodes that both hold",
            scope="authority_code_dfe",
            scope_kind="authority",
            least_denominator=LEAST_EPISODES,
        ),
        trace="agreement_id",
    )


_UNEXPLAINED = ExpectationSpec(
    suite=SUITE_NAME,
    name="agreement_unexplained",
    sentence="Most disagreements have a reason that the register can name.",
    mart=AGREEMENT_MART,
    condition="status <> 'both'",
    measure=ShareMeasure(
        numerator="count(*) filter (where reason_code = 'D0')",
        denominator="count(*)",
        numerator_name="disagreements without a known reason (D0)",
        denominator_name="episodes that one source only holds",
        scope="collection_year",
        scope_kind="collection year",
        least_denominator=LEAST_EPISODES,
        is_numerator_good=False,
    ),
    trace="agreement_id",
)
_ADD_UP = ExpectationSpec(
    suite=SUITE_NAME,
    name="agreement_counts_add_up",
    sentence="Both, police only and authority only together make the published total.",
    mart=AGGREGATE_MART,
    relation=f"""(
        select
            'in the aggregate' as place,
            (select sum(both_count + police_only_count + authority_only_count)
             from {AGGREGATE_MART}) as summed_count,
            (select count(*) from {AGREEMENT_MART}) as row_count
    ) as totals""",
    measure=EqualMeasure(left="summed_count", right="row_count"),
)
_EPISODES_ONCE = ExpectationSpec(
    suite=SUITE_NAME,
    name="agreement_episodes_once",
    sentence="Every episode of the register is judged once, and no other is.",
    mart=AGREEMENT_MART,
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
    measure=EqualMeasure(
        left="judged_count + found_count",
        right="2 * episode_count",
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
        _status(
            "both",
            "agreement_both",
            "Police and authority both hold most of the absences that both should hold.",
            "episodes held by both",
            True,
        ),
        _status(
            "police_only",
            "agreement_police_only",
            "Few absences that the authority should hold are known to the police only.",
            "episodes known to the police only",
            False,
        ),
        _status(
            "authority_only",
            "agreement_authority_only",
            "Few absences that the police should hold are known to the authority only.",
            "episodes known to the authority only",
            False,
        ),
        _matched(
            "agreement_category",
            "Where both hold an episode, they give it the same category.",
            "episodes with the same category",
            "is_category_equal is not null",
            "is_category_equal",
        ),
        _matched(
            "agreement_start",
            "Where both hold an episode, their start times are within a day of each other.",
            "episodes whose starts differ by at most 24 hours",
            "start_difference_hours is not null",
            "abs(start_difference_hours) <= 24",
        ),
        _matched(
            "agreement_end",
            "Where both hold an episode, their end times are within a day of each other.",
            "episodes whose ends differ by at most 24 hours",
            "end_difference_hours is not null",
            "abs(end_difference_hours) <= 24",
        ),
        _UNEXPLAINED,
        _ADD_UP,
        _EPISODES_ONCE,
    ),
)
