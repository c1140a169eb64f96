{#
    How a delivered field is filled: 'missing' (blank), 'default' (filled with something that says
    nothing), 'unmapped' (a code that nobody knows) or 'valid'. The kinds: code, name, birth_date
    and anything else, for which filled is valid.
#}
{% macro field_state(kind, column_name, source_column) -%}
    {%- if kind == 'code' -%}
        case
            when {{ source_column }} is null then 'missing'
            when {{ column_name }} = 'unmapped' then 'invalid'
            when {{ column_name }} = 'unknown' then 'default'
            when {{ column_name }} = 'other' then 'other'
            else 'valid'
        end
    {%- elif kind == 'name' -%}
        case
            when trim(coalesce({{ column_name }}, '')) = '' then 'missing'
            when {{ is_placeholder_name(column_name) }} then 'default'
            else 'valid'
        end
    {%- elif kind == 'birth_date' -%}
        case
            when {{ column_name }} is null then 'missing'
            when
                extract(month from {{ column_name }}) = 1
                and extract(day from {{ column_name }}) = 1
                then 'default'
            else 'valid'
        end
    {%- else -%}
        case when {{ column_name }} is null then 'missing' else 'valid' end
    {%- endif -%}
{%- endmacro %}

{# A word that was typed where a name was not known. #}
{% macro is_placeholder_name(value) -%}
    lower(trim({{ value }})) in (
        'unknown', 'not known', 'not recorded', 'unk', 'baby', 'babyboy', 'babygirl',
        'baby boy', 'baby girl', 'unborn', 'n/a', 'na', 'none', 'x', 'xx', 'xxx', 'tbc',
        'test', '-', '.'
    )
{%- endmacro %}

{#
    The fields whose filling is measured: staging model, name, kind, conformed column, source
    column. One name for one quantity, whatever the feed calls it.
#}
{% macro measured_fields() -%}
    {%- set police = 'stg_police_reports__reports' -%}
    {%- set person = 'stg_authority_extract__ssd_person' -%}
    {%- set placement = 'stg_authority_extract__ssd_cla_placement' -%}
    {%- set absence = 'stg_authority_extract__ssd_missing' -%}
    {%- set header = 'stg_authority_return__header' -%}
    {%- set episode = 'stg_authority_return__episodes' -%}
    {{ return([
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
    ]) }}
{%- endmacro %}
