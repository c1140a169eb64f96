{#
    Add shrunk shares to the columns of `measured`, the CTE of measures with one row per area. A
    share of few absences is shrunk towards the share of all rows with the same values in `peers`.
    Null where the share has no absences: other areas say nothing about an area without any.
#}
{% macro agreement_shrinkage(measured, peers) -%}
    {%- set shares = {'both': 'total', 'both_when_expected': 'both_expected'} -%}
    select
        {{ measured }}.*,
        {%- for name, of in shares.items() %}
        case
            when {{ of }}_count > 0
                then coalesce(
                    {{ function('shrunk_share') }}(
                        {{ name }}_count,
                        {{ of }}_count,
                        peers.{{ name }}_centre,
                        peers.{{ name }}_spread
                    ),
                    {{ name }}_share
                )
        end as {{ name }}_share_shrunk,
        {%- endfor %}
    from {{ measured }}
    inner join (
        select
            {{ peers | join(', ') }},
            {%- for name, of in shares.items() %}
            cast(sum({{ name }}_count) as double) / nullif(sum({{ of }}_count), 0)
                as {{ name }}_centre,
            {{ function('between_places_correlation') }}({{ name }}_count, {{ of }}_count) as {{ name }}_spread,
            {%- endfor %}
        from {{ measured }}
        group by {{ peers | join(', ') }}
    ) as peers
        on
            {%- for column in peers %}
            {{ 'and ' if not loop.first }}{{ measured }}.{{ column }} = peers.{{ column }}
            {%- endfor %}
{%- endmacro %}
