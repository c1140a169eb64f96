with

children as (
    select
        child_id_register,
        count(*) as source_count,
        max(case when source = 'police' then 1 else 0 end) = 1 as is_known_to_police,
        max(case when source = 'authority' then 1 else 0 end) = 1
            as is_known_to_authority,
    from {{ ref('int_child_crosswalk') }}
    group by child_id_register
),

names as (
    {{ child_names(ref('int_golden_record_values')) }}
),

birth_dates as (
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

attributes as (
    select
        child_id_register,
        attribute_code,
        trim(replace(attribute_value, '|', ' ')) as attribute_value,
        is_disputed,
        known_at,
    from {{ ref('int_golden_record_values') }}
    where value_rank = 1
),

{% set codes = [
    'sex', 'ethnicity', 'ethnicity_group', 'uasc', 'home_postcode', 'authority',
    'placement', 'placement_postcode',
] %}
pivoted as (
    select
        child_id_register,
        {% for code in codes %}
            max(case when attribute_code = '{{ code }}' then attribute_value end)
                as {{ code }}_value,
        {% endfor %}
        sum(case when is_disputed then 1 else 0 end) as disputed_count,
        max(known_at) as last_known_at,
    from attributes
    group by child_id_register
),

final as (
    select
        children.child_id_register,
        names.forenames,
        names.surname,
        birth_dates.birth_date,
        coalesce(pivoted.sex_value, 'unknown') as sex_code,
        coalesce(pivoted.ethnicity_value, 'unknown') as ethnicity_code,
        coalesce(pivoted.ethnicity_group_value, 'unknown') as ethnicity_group_code,
        pivoted.uasc_value is not null as is_uasc,
        pivoted.home_postcode_value as home_postcode,
        pivoted.authority_value as authority_code_dfe,
        pivoted.placement_value as placement_type_code,
        pivoted.placement_postcode_value as placement_postcode,
        cast(children.source_count as integer) as source_count,
        children.is_known_to_police,
        children.is_known_to_authority,
        cast(coalesce(pivoted.disputed_count, 0) as integer) as disputed_count,
        pivoted.last_known_at,
    from children
    left join pivoted on children.child_id_register = pivoted.child_id_register
    left join names on children.child_id_register = names.child_id_register
    left join birth_dates
        on children.child_id_register = birth_dates.child_id_register
)

select * from final
