{# A key made of several columns, in which null differs from an empty text. #}
{% macro surrogate_key(columns) -%}
    {{ dbt.hash(
        "coalesce(cast(" ~ (columns | join(" as varchar), '~') || '|' || coalesce(cast("))
        ~ " as varchar), '~')"
    ) }}
{%- endmacro %}

{# The published form of a source key: a letter for the kind and 24 hexadecimal digits. #}
{% macro register_key(prefix, source_key) -%}
    '{{ prefix }}' || upper(substring({{ source_key }}, 1, 24))
{%- endmacro %}

{#
    The mention from which a child's key was made: both keys are published forms of one source key.
    The child's key belongs to this mention for ever, so it is never given to another child.
#}
{% macro founding_mention(child_id_register) -%}
    'M' || substring({{ child_id_register }}, 2)
{%- endmacro %}

{# The time (UTC) in a generation's id: `20261124T182410-895954` is 2026-11-24 18:24:10.895954. #}
{% macro generation_moment(generation_id) -%}
    cast(
        substring({{ generation_id }}, 1, 4)
        || '-' || substring({{ generation_id }}, 5, 2)
        || '-' || substring({{ generation_id }}, 7, 2)
        || ' ' || substring({{ generation_id }}, 10, 2)
        || ':' || substring({{ generation_id }}, 12, 2)
        || ':' || substring({{ generation_id }}, 14, 2)
        || '.' || substring({{ generation_id }}, 17, 6)
        as timestamp
    )
{%- endmacro %}

{# A readable key for parts that are codes: the columns joined by '|'. #}
{% macro joined_key(columns) -%}
    cast({{ columns | join(" as varchar) || '|' || cast(") }} as varchar)
{%- endmacro %}
