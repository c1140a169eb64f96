{#
    Figures for England on each basis, from one row per absence: incidents or children by year,
    category and value of a characteristic. A child counts once for each value and authority.
#}
{% macro characteristic_figures(absences, counted, characteristics) -%}
    {%- set names, codes = [], [] -%}
    {%- for characteristic in characteristics -%}
        {%- do names.append("'" ~ characteristic ~ "'") -%}
        {%- do codes.append(characteristic ~ '_code') -%}
    {%- endfor -%}
    select
        collection_year,
        category_code || '_{{ counted }}' as measure_code,
        characteristic_code,
        register_code,
        {%- for basis in figure_bases() %}
        {%- if counted == 'incidents' %}
        cast(sum(is_{{ basis }}) as bigint) as {{ basis }}_figure,
        {%- else %}
        count(distinct case when is_{{ basis }} = 1 then child_code end) as {{ basis }}_figure,
        {%- endif %}
        {%- endfor %}
    from (
        select
            collection_year,
            category_code,
            {{ joined_key(['authority_code_dfe', 'child_id_register']) }} as child_code,
            is_{{ figure_bases() | join(', is_') }},
            {{ zipped_rows({'characteristic_code': names, 'register_code': codes}) }}
        from {{ absences }}
    ) as characteristics
    group by collection_year, category_code, characteristic_code, register_code
{%- endmacro %}

{#
    A figure by characteristic. It is 0 if authorities delivered but have nothing to count. It is
    null if none delivered, if a mean has no values, or if the return does not give the figure.
#}
{% macro characteristic_figure(basis) -%}
    case
        when coalesce(nation.full_year_count + nation.part_year_count, 0) = 0 then null
        {%- if basis == 'return' %}
        when not nation.is_return_delivered then null
        when published.characteristic_code = 'every' then figures.return_figure
        {%- endif %}
        when published.statistic_code != 'count' then figures.{{ basis }}_figure
        else coalesce(figures.{{ basis }}_figure, 0)
    end
{%- endmacro %}
