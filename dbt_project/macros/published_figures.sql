{#
    A published value is a number, possibly with separators, or one of the publisher's symbols: c
    confidential, z not applicable, x not available, k and low rounded to 0, ':' and '~' not
    available (older releases). Any other value has the symbol 'unmapped' and no number.
#}
{% macro published_figure(value) -%}
    {{ number_or_null("replace(replace(" ~ value ~ ", ',', ''), '%', '')") }}
{%- endmacro %}

{% macro published_symbol(value) -%}
    case
        when {{ published_figure(value) }} is not null then null
        when lower({{ value }}) in ('c', 'z', 'x', 'k', 'low', ':', '~')
            then lower({{ value }})
        else 'unmapped'
    end
{%- endmacro %}

{#
    The collection year of a published time period. '202324' is the year '2023-24'. So is '2024',
    which means the year that ends on 31 March 2024.
#}
{% macro statistics_collection_year(time_period) -%}
    case
        when length({{ time_period }}) = 6
            then substring({{ time_period }}, 1, 4) || '-' || substring({{ time_period }}, 5, 2)
        else
            cast(cast(substring({{ time_period }}, 1, 4) as integer) - 1 as varchar)
            || '-'
            || substring({{ time_period }}, 3, 2)
    end
{%- endmacro %}

{#
    The words of a release's heading or value, without case and punctuation. The leading number
    (such as `1a.`), which changes between releases, is removed.
#}
{% macro published_words(value) -%}
    {{ words_of("regexp_replace(" ~ value ~ ", '^\\s*[0-9]+[a-z]?[.:]', '')") }}
{%- endmacro %}
