{# The rows of one case list, of children or of suppliers, with the columns of all lists. #}
{% macro case_list_rows(list_code, rows, is_of_children=true) -%}
    select
        '{{ list_code }}' as list_code,
        reason_code,
        {{ 'child_id_register' if is_of_children else 'cast(null as varchar)' }}
            as child_id_register,
        {{ 'episode_id_register' if is_of_children else 'cast(null as varchar)' }}
            as episode_id_register,
        {{ 'cast(null as varchar)' if is_of_children else 'feed' }} as feed,
        episode_count,
        since_date,
        as_of_date,
        body_type_code,
        body_code,
    from {{ rows }}
{%- endmacro %}
