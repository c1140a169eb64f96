-- Columns without a prefix count the register's episodes. Columns with the prefix
-- `police_` or `authority_` count what that source reported. So analysts need not
-- filter by basis.
{% set counted = {
    'police': [
        'missing_children', 'missing_episode', 'no_apparent_risk_children',
        'no_apparent_risk_episode',
    ],
    'authority': [
        'missing_children', 'missing_episode', 'away_children', 'away_episode',
    ],
} %}
with

measures as (
    select * from {{ ref('agg_measures_by_area_year') }}
),

repeats as (
    select * from {{ ref('agg_repeat_absences_by_area_year') }}
),

agreement as (
    select * from {{ ref('agg_agreement_by_area_year') }}
),

rates as (
    select * from {{ ref('rates_by_area_year') }}
),

areas as (
    select * from {{ ref('areas') }}
),

{% for source in ['police', 'authority'] %}
    by_{{ source }} as (
        select * from measures
        where basis_code = '{{ source }}'
    ),

{% endfor %}
{% for code in ['children_missing', 'episodes_missing_or_away'] %}
    {{ code }} as (
        select * from rates
        where measure_code = '{{ code }}'
    ),

{% endfor %}
final as (
    select
        {{ area_year_columns('measures') }},
        measures.children_count,
        measures.episode_count,
        measures.missing_children_count,
        measures.missing_episode_count,
        measures.away_children_count,
        measures.away_episode_count,
        measures.no_apparent_risk_children_count,
        measures.no_apparent_risk_episode_count,
        measures.category_not_known_children_count,
        measures.category_not_known_episode_count,
        measures.over_24_hours_children_count_lower,
        measures.over_24_hours_children_count_upper,
        measures.over_24_hours_episode_count_lower,
        measures.over_24_hours_episode_count_upper,
        measures.missing_repeatedly_children_count,
        repeats.repeat_children_count,
        repeats.repeat_children_share,
        repeats.third_children_count,
        measures.looked_after_children_count,
        measures.missing_children_share,
        measures.missing_children_share_lower,
        measures.missing_children_share_upper,
        children_missing.rate_unit_code,
        children_missing.denominator_count as rate_denominator_count,
        {% for end in ['', '_lower', '_upper'] %}
            children_missing.rate{{ end }} as missing_children_rate{{ end }},
        {% endfor %}
        {% for end in ['', '_lower', '_upper'] %}
            episodes_missing_or_away.rate{{ end }} as episode_rate{{ end }},
        {% endfor %}
        {% for source, names in counted.items() %}
            {% for name in names %}
                by_{{ source }}.{{ name }}_count as {{ source }}_{{ name }}_count,
            {% endfor %}
        {% endfor %}
        -- Former names of two police columns for no apparent risk, kept for one
        -- release.
        by_police.no_apparent_risk_children_count as police_away_children_count,
        by_police.no_apparent_risk_episode_count as police_away_episode_count,
        agreement.both_expected_count as in_scope_count,
        agreement.both_when_expected_count as matched_in_scope_count,
        agreement.both_when_expected_share as matched_share_in_scope,
        agreement.both_when_expected_share_lower as matched_share_in_scope_lower,
        agreement.both_when_expected_share_upper as matched_share_in_scope_upper,
    from measures
    {{ join_areas('measures') }}
    {% for other in [
        'by_police', 'by_authority', 'repeats', 'agreement', 'children_missing',
        'episodes_missing_or_away',
    ] %}
        {{ join_area_year(other, 'measures') }}
    {% endfor %}
    where measures.basis_code = 'register'
)

select * from final
