-- Of looked-after children alone: for others the authority is no second source. A
-- missed link makes an absence of both look like one of the authority alone, so that
-- too many seem unseen: read the corrected estimate, or its bounds where the error of
-- linkage is an assumed range. They take in the ends of both factors: most are unseen
-- where fewest are of both and most of the police alone.
{% set held = ['both_count', 'police_only_count', 'authority_only_count'] %}
{% set joined = ['joined_count', 'police_left_count', 'authority_left_count'] %}
{% set corners = {'lower': ('upper', 'lower'), 'upper': ('lower', 'upper')} %}
with

agreement as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
    where population_code in ('looked_after', 'out_of_area')
),

dependence as (
    select * from {{ ref('ref__source_dependence') }}
),

joined as (
    select
        *,
        both_count + timing_pair_count + unit_pair_count as joined_count,
        police_only_count - timing_pair_count as police_left_count,
        greatest(0, authority_only_count - timing_pair_count - unit_pair_count)
            as authority_left_count,
    from agreement
),

cornered as (
    select
        *,
        {% for end, factors in corners.items() %}
            {% set both = "'in_care', " ~ joined | join(', ') ~ ', both_factor_'
                ~ factors[0] %}
            corrected_both({{ both }}) as both_at_{{ end }},
            corrected_police_only(
                {{ both }}, police_only_factor_{{ factors[1] }}
            ) as police_only_at_{{ end }},
            corrected_authority_only({{ both }}) as authority_only_at_{{ end }},
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
        cornered.total_count as seen_count,
        {% for column in held -%}
            cornered.corrected_{{ column }},
        {% endfor -%}
        cornered.corrected_total_count as corrected_seen_count,
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
            absences_at_odds_ratio(
                {%- for column in held %}
                    {{ prefix }}{{ column }},
                {%- endfor %}
                odds_ratio
            ) as {{ prefix }}absence_estimate,
        {% endfor %}
        {% for end in corners %}
            chapman_{{ end }}({{ held | join(', ') }}, odds_ratio)
                as absence_estimate_{{ end }},
            chapman_{{ end }}(
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
        {% for end, factors in corners.items() %}
            -- The larger the number of all, the smaller the share that is known.
            {% set other = factors[0] %}
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
