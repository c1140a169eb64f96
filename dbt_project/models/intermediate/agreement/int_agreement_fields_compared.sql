-- Field by field: equal, different, or who says nothing, and by how much. A police flag
-- of care is held against the period of care by authority data, whoever reported.
with

banded as (
    select * from {{ ref('int_agreement_values_measured') }}
),

thresholds as (
    {{ reason_thresholds([
        'field_start_hours', 'field_end_hours', 'field_birth_days', 'age_conflict_days'
    ]) }}
),

compared as (
    select
        banded.agreement_id,
        banded.status,
        banded.birth_date_difference_days,
        banded.police_absence_count = banded.authority_absence_count
            as is_counted_alike,
        abs(banded.birth_date_difference_days) > thresholds.age_conflict_days
            as is_age_in_conflict,
        banded.authority_hours - banded.police_hours as duration_difference_hours,
        agreement_code(
            stated_code(banded.category_police_code),
            stated_code(banded.category_authority_code),
            banded.is_category_equal
        ) as category_agreement_code,
        {% for event in ['start', 'end'] %}
            agreement_code(
                banded.police_{{ event }}_lower_at,
                banded.authority_{{ event }}_lower_at,
                abs(banded.{{ event }}_difference_hours)
                <= thresholds.field_{{ event }}_hours
            ) as {{ event }}_agreement_code,
        {% endfor %}
        agreement_code(
            banded.police_band_code,
            banded.authority_band_code,
            banded.police_band_code = banded.authority_band_code
        ) as duration_band_agreement_code,
        case
            when banded.care_status_code = 'short_break' then 'not_applicable'
            else agreement_code(
                stated_code(banded.looked_after_flag_code),
                banded.care_flag_code,
                banded.looked_after_flag_code = banded.care_flag_code
            )
        end as looked_after_agreement_code,
        case
            when banded.care_status_code in ('home', 'unknown') then 'not_applicable'
            else agreement_code(
                banded.police_place_code,
                banded.placement_authority_code_dfe,
                banded.police_place_code = banded.placement_authority_code_dfe
            )
        end as placement_agreement_code,
        {% for field, column in [
            ('ethnicity', 'ethnicity_group_code'), ('sex', 'sex_code')
        ] %}
            agreement_code(
                stated_code(banded.police_{{ column }}),
                stated_code(banded.authority_{{ column }}),
                banded.police_{{ column }} = banded.authority_{{ column }}
            ) as {{ field }}_agreement_code,
        {% endfor %}
        agreement_code(
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
