{#
    The identifiers that sources give, before they become keys. A person without a reference from
    the police force is identified by the report. A return has no reference for an absence or a
    placement, so columns that identify one are combined. `police_person_id` needs the `report_id`
    of `numbered_records`.
#}
{% macro police_person_id() -%}
    coalesce(person_ref, 'report:' || report_id)
{%- endmacro %}

{#
    The rows of a staged relation with an identifier, in a column named by `record_id`: the
    reference and, from the second report with that reference on, the report's number
    (`int_report_numbers`).
#}
{% macro numbered_records(relation, report_numbers, reference, record_id) -%}
    select
        stated.*,
        {{ reference }} || case
            when numbers.record_number > 1
                then '#' || cast(numbers.record_number as varchar)
            else ''
        end as {{ record_id }},
        numbers.record_number is not null as is_reference_shared,
    from {{ relation }} as stated
    left join {{ report_numbers }} as numbers
        on
            {{ is_same_row('stated', 'numbers') }}
            and numbers.table_name = '{{ landed_table(relation) }}'
{%- endmacro %}

{% macro return_absence_id() -%}
    child
    || '|'
    || coalesce(cast(mis_start_date as varchar), '')
    || '|'
    || coalesce(missing_source_code, '')
{%- endmacro %}

{% macro return_placement_id() -%}
    child || '|' || coalesce(cast(decom_date as varchar), '')
{%- endmacro %}

{#
    Join the key of a source identifier as `<alias>.source_key`. `keys` is the import CTE over
    `int_source_keys`. The issuer of a report is '<feed>:<supplier>', and the issuer of anything
    else is the supplier.
#}
{% macro join_source_key(alias, kind, issuer, source_id) -%}
    inner join keys as {{ alias }}
        on
            {{ alias }}.kind = '{{ kind }}'
            and {{ alias }}.issuer = {{ issuer }}
            and {{ alias }}.source_id = {{ source_id }}
{%- endmacro %}
