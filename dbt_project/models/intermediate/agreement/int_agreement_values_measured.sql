-- What there is to compare that neither source says outright: lengths, their bands,
-- care as a flag, and the authority in whose area the police say it began.
{% set compared_columns = [
    'agreement_id', 'status', 'category_police_code', 'category_authority_code',
    'is_category_equal', 'start_difference_hours', 'end_difference_hours',
    'care_status_code', 'looked_after_flag_code', 'placement_authority_code_dfe',
] %}
{% set sided_columns = [
    'absence_count', 'start_lower_at', 'end_lower_at', 'birth_date', 'sex_code',
    'ethnicity_group_code',
] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
),

postcodes as (
    select * from {{ ref('int_postcodes_placed') }}
),

bands as (
    select * from {{ ref('ref__duration_bands') }}
    where measure = 'dfe'
),

measured as (
    select
        {% for column in compared_columns %}
            agreement_rows.{{ column }},
        {% endfor %}
        {% for source in ['police', 'authority'] %}
            {% for column in sided_columns %}
                agreement_rows.{{ source }}_{{ column }},
            {% endfor %}
        {% endfor %}
        postcodes.authority_code_dfe as police_place_code,
        case agreement_rows.care_status_code
            when 'looked_after' then 'yes'
            when 'home' then 'no'
        end as care_flag_code,
        {{ elapsed_days(
            'agreement_rows.police_birth_date', 'agreement_rows.authority_birth_date'
        ) }} as birth_date_difference_days,
        {% for source in ['police', 'authority'] %}
            {% set start_at = 'agreement_rows.' ~ source ~ '_start_lower_at' %}
            {% set end_at = 'agreement_rows.' ~ source ~ '_end_lower_at' %}
            hours_between({{ start_at }}, {{ end_at }}) as {{ source }}_hours,
            {{ elapsed_days(
                'london_date(' ~ start_at ~ ')', 'london_date(' ~ end_at ~ ')'
            ) }}
                as {{ source }}_days,
        {% endfor %}
    from agreement_rows
    left join postcodes
        on
            {{ compact_postcode('agreement_rows.missing_from_postcode') }}
            = postcodes.postcode
),

final as (
    select
        measured.*,
        police_bands.band_code as police_band_code,
        authority_bands.band_code as authority_band_code,
    from measured
    left join bands as police_bands
        on
            measured.police_days >= police_bands.lower
            and measured.police_days < coalesce(police_bands.upper, 1000000)
    left join bands as authority_bands
        on
            measured.authority_days >= authority_bands.lower
            and measured.authority_days < coalesce(authority_bands.upper, 1000000)
)

select * from final
