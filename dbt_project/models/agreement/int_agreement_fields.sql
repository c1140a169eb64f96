-- Compares the sources field by field: both values are equal, they differ, or one or
-- both are missing. The police flag for looked-after children is compared with the
-- child's care status in authority data.
{% set compared_columns = [
    'agreement_id', 'child_id_register', 'status', 'category_police_code', 'category_authority_code',
    'is_category_equal', 'start_difference_hours', 'end_difference_hours',
    'care_status_code', 'looked_after_flag_code', 'placement_authority_code_dfe',
    'authority_code_dfe',
] %}
{% set sided_columns = [
    'absence_count', 'start_lower_at', 'end_lower_at', 'birth_date', 'sex_code',
    'ethnicity_group_code',
] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
),

police_facts as (
    select * from {{ ref('int_episode_police_facts') }}
),

postcodes as (
    select * from {{ ref('int_postcode_areas') }}
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
        {{ function('stated_code') }}(police_facts.care_authority_police_code)
            as police_care_authority_code,
        {{ function('stated_code') }}(
            police_facts.fatal_flag_police_code
        ) as fatal_police_code,
        police_facts.fatal_flag_authority_code as fatal_authority_code,
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
            {{ function('hours_between') }}(
                {{ start_at }}, {{ end_at }}
            ) as {{ source }}_hours,
            {{ elapsed_days(
                function('london_date') ~ '(' ~ start_at ~ ')',
                function('london_date') ~ '(' ~ end_at ~ ')'
            ) }}
                as {{ source }}_days,
        {% endfor %}
    from agreement_rows
    left join police_facts
        on agreement_rows.episode_id_register = police_facts.episode_id_register
    left join postcodes
        on
            {{ compact_postcode('agreement_rows.missing_from_postcode') }}
            = postcodes.postcode
),

banded as (
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
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), [
        'field_start_hours', 'field_end_hours', 'field_birth_days', 'age_conflict_days'
    ]) }}
),

compared as (
    select
        banded.agreement_id,
        banded.child_id_register,
        banded.status,
        banded.birth_date_difference_days,
        banded.police_absence_count = banded.authority_absence_count
            as is_counted_alike,
        abs(banded.birth_date_difference_days) > thresholds.age_conflict_days
            as is_age_in_conflict,
        banded.authority_hours - banded.police_hours as duration_difference_hours,
        {{ function('agreement_code') }}(
            {{ function('stated_code') }}(banded.category_police_code),
            {{ function('stated_code') }}(banded.category_authority_code),
            banded.is_category_equal
        ) as category_agreement_code,
        {% for event in ['start', 'end'] %}
            {{ function('agreement_code') }}(
                banded.police_{{ event }}_lower_at,
                banded.authority_{{ event }}_lower_at,
                abs(banded.{{ event }}_difference_hours)
                <= thresholds.field_{{ event }}_hours
            ) as {{ event }}_agreement_code,
        {% endfor %}
        {{ function('agreement_code') }}(
            banded.police_band_code,
            banded.authority_band_code,
            banded.police_band_code = banded.authority_band_code
        ) as duration_band_agreement_code,
        case
            when banded.care_status_code = 'short_break' then 'not_applicable'
            else {{ function('agreement_code') }}(
                {{ function('stated_code') }}(banded.looked_after_flag_code),
                banded.care_flag_code,
                banded.looked_after_flag_code = banded.care_flag_code
            )
        end as looked_after_agreement_code,
        case
            when banded.care_status_code in ('home', 'unknown') then 'not_applicable'
            else {{ function('agreement_code') }}(
                banded.police_place_code,
                banded.placement_authority_code_dfe,
                banded.police_place_code = banded.placement_authority_code_dfe
            )
        end as placement_agreement_code,
        case
            when banded.care_status_code = 'looked_after'
                then {{ function('agreement_code') }}(
                    banded.police_care_authority_code,
                    {{ function('stated_code') }}(banded.authority_code_dfe),
                    banded.police_care_authority_code = banded.authority_code_dfe
                )
            else 'not_applicable'
        end as care_authority_agreement_code,
        {{ function('agreement_code') }}(
            banded.fatal_police_code,
            banded.fatal_authority_code,
            banded.fatal_police_code = banded.fatal_authority_code
        ) as fatal_agreement_code,
        {{ function('stated_code') }}(
            banded.looked_after_flag_code
        ) as looked_after_police_code,
        banded.care_flag_code as looked_after_authority_code,
        banded.fatal_police_code,
        banded.fatal_authority_code,
        {% for field, column in [
            ('ethnicity', 'ethnicity_group_code'), ('sex', 'sex_code')
        ] %}
            {{ function('agreement_code') }}(
                {{ function('stated_code') }}(banded.police_{{ column }}),
                {{ function('stated_code') }}(banded.authority_{{ column }}),
                banded.police_{{ column }} = banded.authority_{{ column }}
            ) as {{ field }}_agreement_code,
        {% endfor %}
        {{ function('agreement_code') }}(
            banded.police_birth_date,
            banded.authority_birth_date,
            abs(banded.birth_date_difference_days) <= thresholds.field_birth_days
        ) as birth_date_agreement_code,
    from banded
    cross join thresholds
),

final as (
    select
        *,
        status != 'both'
        or category_agreement_code = 'differs'
        or start_agreement_code = 'differs'
        or end_agreement_code in ('differs', 'police_missing', 'authority_missing')
        or looked_after_agreement_code = 'differs'
        or coalesce(is_age_in_conflict, false)
        or not is_counted_alike as is_disagreement,
    from compared
)

select * from final
