{{ config(materialized='ephemeral') }}

{#
    The fields whose filled values are counted: staging model, field name, kind,
    conformed column, source column. The same quantity has the same field name in every
    feed.
#}
{% set police = 'stg_police_reports__reports' %}
{% set person = 'stg_authority_extract__ssd_person' %}
{% set placement = 'stg_authority_extract__ssd_cla_placement' %}
{% set absence = 'stg_authority_extract__ssd_missing' %}
{% set header = 'stg_authority_return__header' %}
{% set episode = 'stg_authority_return__episodes' %}
{% set measured_fields = [
    (police, 'forenames', 'name', 'forenames', 'forenames'),
    (police, 'surname', 'name', 'surname', 'surname'),
    (police, 'dob', 'birth_date', 'dob_date', 'dob_date'),
    (police, 'sex', 'code', 'sex_code', 'sex_source_code'),
    (police, 'ethnicity', 'code', 'ethnicity_group_code', 'ethnicity_source_code'),
    (police, 'person_ref', 'text', 'person_ref', 'person_ref'),
    (police, 'home_postcode', 'text', 'home_postcode', 'home_postcode'),
    (police, 'missing_from_postcode', 'text', 'missing_from_postcode',
        'missing_from_postcode'),
    (police, 'location_type', 'code', 'location_type_code', 'location_type_source_code'),
    (police, 'last_seen_at', 'text', 'last_seen_at', 'last_seen_at'),
    (police, 'found_at', 'text', 'found_at', 'found_at'),
    (police, 'returned_at', 'text', 'returned_at', 'returned_at'),
    (police, 'category', 'code', 'category_code', 'category_source_code'),
    (police, 'risk_initial', 'code', 'risk_initial_code', 'risk_initial_source_code'),
    (police, 'looked_after_flag', 'code', 'looked_after_flag_code',
        'looked_after_flag_source_code'),
    (person, 'forenames', 'name', 'forename', 'forename'),
    (person, 'surname', 'name', 'surname', 'surname'),
    (person, 'dob', 'birth_date', 'dob_date', 'dob_date'),
    (person, 'sex', 'code', 'sex_code', 'sex_source_code'),
    (person, 'ethnicity', 'code', 'ethnicity_group_code', 'ethnicity_source_code'),
    (person, 'nhs_number', 'text', 'nhs_number', 'nhs_number'),
    (placement, 'placement_postcode', 'text', 'postcode', 'postcode'),
    (placement, 'placement_type', 'code', 'placement_type_code',
        'placement_type_source_code'),
    (absence, 'missing_end', 'text', 'missing_end_at', 'missing_end_at'),
    (absence, 'category', 'code', 'category_code', 'category_source_code'),
    (absence, 'interview_offered', 'code', 'interview_offered_code',
        'interview_offered_source_code'),
    (header, 'dob', 'birth_date', 'dob_date', 'dob_date'),
    (header, 'sex', 'code', 'sex_code', 'sex_source_code'),
    (header, 'ethnicity', 'code', 'ethnicity_group_code', 'ethnicity_source_code'),
    (header, 'upn', 'text', 'upn', 'upn'),
    (episode, 'home_postcode', 'text', 'home_postcode', 'home_postcode'),
    (episode, 'placement_postcode', 'text', 'placement_postcode', 'placement_postcode'),
    (episode, 'placement_type', 'code', 'placement_type_code', 'place'),
] %}

with

states as (
    {% for model, fields in measured_fields | groupby(0) -%}
        {% set names = [] -%}
        {% set field_states = [] -%}
        {% for _, field_name, kind, column_name, source_column in fields -%}
            {% do names.append("'" ~ field_name ~ "'") -%}
            {% do field_states.append(field_state(kind, column_name, source_column)) -%}
        {%- endfor %}
        select
            '{{ model.split("__")[0] | replace("stg_", "") }}' as feed,
            '{{ model.split("__")[1] }}' as table_name,
            supplier_code,
            {{ zipped_rows({'field_name': names, 'state': field_states}) }},
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        supplier_code,
        feed,
        table_name,
        field_name,
        count(*) as row_count,
        {% for state in ['valid', 'other', 'default', 'invalid', 'missing'] %}
            sum(case when state = '{{ state }}' then 1 else 0 end) as {{ state }}_count,
        {% endfor %}
    from states
    group by supplier_code, feed, table_name, field_name
)

select * from final
