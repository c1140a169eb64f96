-- `matched_share_in_scope` is of the absences that both sources should have recorded.
-- The matched share of all absences is left out, because it is 0 where only one source
-- should record absences. `agreement.agg_agreement_by_area_year` has it as
-- `both_share`.
with

agreement as (
    select * from {{ ref('agg_agreement_by_area_year') }}
),

corrected as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
    where linkage_code = 'central'
),

areas as (
    select * from {{ ref('areas') }}
),

scoped as (
    select
        agreement.*,
        corrected.police_only_when_expected_count as police_only_in_scope_count,
        agreement.both_expected_count
        - agreement.both_when_expected_count
        - corrected.police_only_when_expected_count as authority_only_in_scope_count,
        corrected.corrected_both_when_expected_share
            as corrected_matched_share_in_scope,
        corrected.corrected_both_when_expected_share_lower
            as corrected_matched_share_in_scope_lower,
        corrected.corrected_both_when_expected_share_upper
            as corrected_matched_share_in_scope_upper,
    from agreement
    {{ join_area_year('corrected', 'agreement', 'inner') }}
),

final as (
    select
        {{ area_year_columns('scoped') }},
        scoped.total_count as episode_count,
        scoped.both_count,
        scoped.police_only_count,
        scoped.authority_only_count,
        scoped.both_expected_count as in_scope_count,
        scoped.both_when_expected_count as matched_in_scope_count,
        scoped.police_only_in_scope_count,
        scoped.authority_only_in_scope_count,
        scoped.both_when_expected_share as matched_share_in_scope,
        scoped.both_when_expected_share_lower as matched_share_in_scope_lower,
        scoped.both_when_expected_share_upper as matched_share_in_scope_upper,
        {% for source in ['police', 'authority'] %}
            {{ published_number(
                'cast(scoped.' ~ source ~ '_only_in_scope_count as double)'
                ~ ' / nullif(scoped.both_expected_count, 0)'
            ) }} as {{ source }}_only_share_in_scope,
        {% endfor %}
        scoped.corrected_matched_share_in_scope,
        scoped.corrected_matched_share_in_scope_lower,
        scoped.corrected_matched_share_in_scope_upper,
        scoped.category_equal_count,
        scoped.category_equal_share,
        scoped.missing_by_both_count,
        scoped.missing_by_police_count,
        scoped.missing_by_authority_count,
        scoped.missing_by_neither_count,
        scoped.category_kappa,
        scoped.category_kappa_lower,
        scoped.category_kappa_upper,
        scoped.category_ac1,
        scoped.category_ac1_lower,
        scoped.category_ac1_upper,
        scoped.unexplained_count,
    from scoped
    {{ join_areas('scoped') }}
)

select * from final
