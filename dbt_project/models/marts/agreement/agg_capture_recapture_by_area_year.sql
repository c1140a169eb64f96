-- Estimates how many absences neither source recorded. Only looked-after children
-- count, because authorities are not expected to record absences of other children.
-- Only days that both sources have delivered count: on other days a missing record is
-- no omission. After a missed link, an absence recorded by both sources looks like one
-- recorded by the authority alone. This makes the uncorrected estimate too high. Use
-- the corrected estimate, or its bounds if the linkage error is an assumed range. The
-- upper bound assumes the fewest absences recorded by both sources and the most by the
-- police alone.
{% set held = ['both_count', 'police_only_count', 'authority_only_count'] %}
{% set joined = ['joined_count', 'police_left_count', 'authority_left_count'] %}
{% set ends = {
    'corrected': ('', ''), 'lower': ('_upper', '_lower'), 'upper': ('_lower', '_upper'),
} %}
{% set corners = {'lower': 'upper', 'upper': 'lower'} %}
with

agreement as (
    select
        * exclude (both_count, police_only_count, authority_only_count),
        both_when_expected_count as both_count,
        police_only_when_expected_count as police_only_count,
        both_expected_count - both_when_expected_count - police_only_when_expected_count
            as authority_only_count,
    from {{ ref('agg_agreement_corrected_by_linkage') }}
    where population_code in ('looked_after', 'out_of_area') and both_expected_count > 0
),

dependence as (
    select * from {{ ref('ref__source_dependence') }}
),

joined as (
    select
        *,
        both_count + timing_pair_count + unit_pair_count as joined_count,
        greatest(0, police_only_count - timing_pair_count) as police_left_count,
        greatest(0, authority_only_count - timing_pair_count - unit_pair_count)
            as authority_left_count,
    from agreement
),

cornered as (
    select
        *,
        {% for end, factors in ends.items() %}
            {% set both = "'in_care', " ~ joined | join(', ') ~ ', both_factor'
                ~ factors[0] %}
            {{ function('corrected_both') }}({{ both }}) as both_at_{{ end }},
            {{ function('corrected_police_only') }}(
                {{ both }}, police_only_factor{{ factors[1] }}
            ) as police_only_at_{{ end }},
            {{ function('corrected_authority_only') }}(
                {{ both }}
            ) as authority_only_at_{{ end }},
        {% endfor %}
    from joined
),

assumed as (
    select
        {% for column in [
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code', 'linkage_basis_code',
        ] -%}
            cornered.{{ column }},
        {% endfor -%}
        {% for column in held -%}
            cornered.{{ column }},
        {% endfor -%}
        cornered.both_expected_count as seen_count,
        {% for status in agreement_statuses() -%}
            cornered.{{ status }}_at_corrected as corrected_{{ status }}_count,
        {% endfor -%}
        cornered.both_at_corrected
        + cornered.police_only_at_corrected
        + cornered.authority_only_at_corrected as corrected_seen_count,
        {% for end in corners -%}
            {% for column in ['both', 'police_only', 'authority_only'] -%}
                cornered.{{ column }}_at_{{ end }},
            {% endfor -%}
        {% endfor -%}
        dependence.odds_ratio,
        dependence.odds_ratio = 1 as is_independent,
        dependence.dependence_name,
        dependence.dependence_statement,
    from cornered
    cross join dependence
),

estimated as (
    select
        *,
        {% for prefix in ['', 'corrected_'] %}
            {{ function('absences_at_odds_ratio') }}(
                {%- for column in held %}
                    {{ prefix }}{{ column }},
                {%- endfor %}
                odds_ratio
            ) as {{ prefix }}absence_estimate,
        {% endfor %}
        {% for end in corners %}
            {{ function('chapman_' ~ end) }}({{ held | join(', ') }}, odds_ratio)
                as absence_estimate_{{ end }},
            {{ function('chapman_' ~ end) }}(
                both_at_{{ end }}, police_only_at_{{ end }},
                authority_only_at_{{ end }}, odds_ratio
            ) as corrected_absence_estimate_{{ end }},
        {% endfor %}
    from assumed
),

final as (
    select
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code', 'odds_ratio',
        ]) }} as capture_recapture_id,
        * exclude (
            {% for end in corners -%}
                both_at_{{ end }}, police_only_at_{{ end }}, authority_only_at_{{ end }}
                {{- ', ' if not loop.last }}
            {% endfor -%}
        ),
        (corrected_both_count + corrected_police_only_count)
        / corrected_absence_estimate as police_known_share,
        (corrected_both_count + corrected_authority_only_count)
        / corrected_absence_estimate as authority_known_share,
        {% for end, other in corners.items() %}
            -- A larger total gives a smaller known share, so each bound of the share
            -- uses the opposite bound of the total.
            {% for source in ['police', 'authority'] %}
                least(
                    1.0,
                    (both_at_{{ other }} + {{ source }}_only_at_{{ other }})
                    / nullif(corrected_absence_estimate_{{ other }}, 0)
                ) as {{ source }}_known_share_{{ end }},
            {% endfor %}
        {% endfor %}
    from estimated
)

select * from final
