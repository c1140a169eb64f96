{#
    How a delivered field is filled: 'missing' (blank), 'default' (filled with something that
    carries no information), 'invalid' (a code that no map has), 'other' or 'valid'. One function
    for each kind of field: `code_state`, `name_state`, `birth_date_state`, and `text_state` for
    anything else, which is valid if filled.
#}
{% macro field_state_functions() -%}
    {% call database_function('code_state', ['code', 'source_code']) %}
        case
            when source_code is null then 'missing'
            when code = 'unmapped' then 'invalid'
            when code = 'unknown' then 'default'
            when code = 'other' then 'other'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('is_placeholder_name', ['name']) %}
        lower(trim(name)) in (
            'unknown', 'not known', 'not recorded', 'unk', 'baby', 'babyboy', 'babygirl',
            'baby boy', 'baby girl', 'unborn', 'n/a', 'na', 'none', 'x', 'xx', 'xxx', 'tbc',
            'test', '-', '.'
        )
    {% endcall %}
    {% call database_function('name_state', ['name']) %}
        case
            when trim(coalesce(name, '')) = '' then 'missing'
            when is_placeholder_name(name) then 'default'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('birth_date_state', ['birth_date']) %}
        case
            when birth_date is null then 'missing'
            when extract(month from birth_date) = 1 and extract(day from birth_date) = 1
                then 'default'
            else 'valid'
        end
    {% endcall %}
    {% call database_function('text_state', ['delivered']) %}
        case when delivered is null then 'missing' else 'valid' end
    {% endcall %}
{%- endmacro %}

{# The state of a field of a kind: code, name, birth_date or text. #}
{% macro field_state(kind, column_name, source_column) -%}
    {%- if kind == 'code' -%}
        code_state({{ column_name }}, {{ source_column }})
    {%- else -%}
        {{ kind }}_state({{ column_name }})
    {%- endif -%}
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
