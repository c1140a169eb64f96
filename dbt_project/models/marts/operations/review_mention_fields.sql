{% set lists = {
    'name': 'names',
    'birth_date': 'birth_dates',
    'postcode': 'postcodes',
    'postcode_district': 'postcode_districts',
    'identifier': 'identifiers',
} %}
{% set columns = {
    'sex': 'sex_code',
    'birth_date_earliest': 'earliest_birth_date',
    'birth_date_latest': 'latest_birth_date',
    'care_first_start_date': 'care_first_start_date',
    'adoption_date': 'adoption_date',
} %}
{{ config(materialized='view') }}
with

mentions as (
    select * from {{ ref('review_mentions') }}
),

given as (
    {% for field, column in lists.items() %}
        select
            mention_id_register,
            primary_name,
            '{{ field }}' as field_code,
            cast({{ items_of(column) }} as varchar) as field_value,
        from mentions
        union all
    {% endfor %}
    {% for field, column in columns.items() %}
        select
            mention_id_register,
            primary_name,
            '{{ field }}' as field_code,
            cast({{ column }} as varchar) as field_value,
        from mentions
        where {{ column }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbered as (
    select
        mention_id_register,
        field_code,
        field_value,
        row_number() over (
            partition by mention_id_register, field_code
            order by
                case when field_value = primary_name then 0 else 1 end, field_value
        ) as value_number,
    from given
),

final as (
    select
        mention_id_register
        || '-' || field_code
        || '-' || cast(value_number as varchar) as review_field_id,
        mention_id_register,
        field_code,
        cast(value_number as integer) as value_number,
        field_value,
    from numbered
)

select * from final
