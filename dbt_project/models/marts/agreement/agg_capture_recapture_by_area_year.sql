-- Of looked-after children alone: for others the authority is no second source. A
-- missed link makes an absence of both look like one of each alone, so that too many
-- seem unseen: the corrected estimate is the one to read.
{% set held = ['both_count', 'police_only_count', 'authority_only_count'] %}
{% set corrected = [
    'corrected_both_count', 'corrected_police_only_count',
    'corrected_authority_only_count',
] %}
with

agreement as (
    select * from {{ ref('agg_agreement_corrected_by_linkage') }}
    where population_code in ('looked_after', 'out_of_area')
),

dependence as (
    select * from {{ ref('ref__source_dependence') }}
),

assumed as (
    select
        agreement.linkage_code,
        agreement.area_level_code,
        agreement.area_code,
        agreement.collection_year,
        agreement.population_code,
        agreement.both_count,
        agreement.police_only_count,
        agreement.authority_only_count,
        agreement.total_count as seen_count,
        agreement.corrected_both_count,
        {% for source in ['police', 'authority'] %}
            agreement.both_count
            + agreement.{{ source }}_only_count
            - agreement.corrected_both_count as corrected_{{ source }}_only_count,
        {% endfor %}
        agreement.corrected_total_count as corrected_seen_count,
        dependence.odds_ratio,
        dependence.odds_ratio = 1 as is_independent,
        dependence.dependence_name,
        dependence.dependence_statement,
    from agreement
    cross join dependence
),

estimated as (
    select
        *,
        {% for prefix, counts in {'': held, 'corrected_': corrected}.items() %}
            {% set arguments = counts | join(', ') %}
            absences_at_odds_ratio({{ arguments }}, odds_ratio)
                as {{ prefix }}absence_estimate,
            chapman_lower({{ arguments }}, odds_ratio)
                as {{ prefix }}absence_estimate_lower,
            chapman_upper({{ arguments }}, odds_ratio)
                as {{ prefix }}absence_estimate_upper,
        {% endfor %}
    from assumed
),

final as (
    select
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code', 'odds_ratio',
        ]) }} as capture_recapture_id,
        *,
        {% for source in ['police', 'authority'] %}
            (both_count + {{ source }}_only_count) / corrected_absence_estimate
                as {{ source }}_known_share,
        {% endfor %}
    from estimated
)

select * from final
