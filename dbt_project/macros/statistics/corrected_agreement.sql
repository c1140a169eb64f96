{#
    Steps of `agg_agreement_corrected_by_linkage`: what the factors make of the counts at every end
    of their intervals, and the shares with their bounds. The formulas are in
    `linkage_correction.sql`.
#}

{# Such rows with both factors at their ends, and the children whose link may be missing. #}
{% macro with_factors(rated) -%}
    {%- set kinds = ['both', 'police_only'] -%}
    select
        *,
        {%- for kind in kinds %}
        {%- for end in ['lower', 'upper'] %}
        factor_{{ end }}(
            {{ kind }}_factor, {{ kind }}_factor_{{ end }}, {{ kind }}_error, link_precision_lower
        ) as {{ kind }}_factor_at_{{ end }},
        {%- endfor %}
        {%- endfor %}
    from (
        select
            *,
            children_error(joined_squares, joined_count, least_recall) as both_error,
            children_error(police_only_squares, police_left_count, least_recall)
                as police_only_error,
        from {{ rated }}
    ) as spread
{%- endmacro %}

{#
    What the two factors make of the counts at each pair of ends: one row per row of `widened`, share
    and pair of ends. Null where a factor has no centre. Needs the import CTE `ends`
    (int_correction_ends).
#}
{% macro counts_at_every_end(widened) -%}
    {%- set both = 'rule_code, joined_count, police_left_count, authority_left_count, both_factor_at_end' -%}
    select
        *,
        corrected_both({{ both }}) as both_at_end,
        corrected_police_only({{ both }}, police_only_factor_at_end) as police_only_at_end,
        corrected_authority_only({{ both }}) as authority_only_at_end,
        corrected_both(
            rule_code, joined_expected_count, police_expected_count, authority_expected_count,
            both_factor_at_end
        ) as both_when_expected_at_end,
    from (
        select
            {{ widened }}.*,
            ends.*,
            {%- for kind in ['both', 'police_only'] %}
            case {{ kind }}_end
                when 'lower' then {{ kind }}_factor_at_lower
                when 'upper' then {{ kind }}_factor_at_upper
                else {{ kind }}_factor
            end as {{ kind }}_factor_at_end,
            {%- endfor %}
        from {{ widened }}
        cross join ends
    ) as placed
{%- endmacro %}

{# The count and the total of each share, of such rows. #}
{% macro shares_at_every_end(moved) -%}
    select
        *,
        case share_code
            {%- for share in agreement_statuses() + ['both_when_expected'] %}
            when '{{ share }}' then {{ share }}_at_end
            {%- endfor %}
        end as count_at_end,
        case
            when share_code != 'both_when_expected'
                then both_at_end + police_only_at_end + authority_only_at_end
            when rule_code = 'in_care'
                then
                    joined_expected_count
                    + authority_expected_count
                    + police_expected_count * police_only_factor_at_end
        end as total_at_end,
    from {{ moved }}
{%- endmacro %}

{#
    Each share at the centre, where each factor alone puts it, and at the corners. Of every child
    that of the police alone is left out: its correction does not help.
#}
{% macro spread_over_ends(shares) -%}
    {%- set at = {
        'both_factor': "police_only_end = 'centre'",
        'police_only_factor': "both_end = 'centre'",
        'corner': "both_end != 'centre' and police_only_end != 'centre'",
    } -%}
    select
        agreement_cell_id,
        share_code,
        max(case when is_centre then count_at_end end) as count_at_centre,
        max(case when is_centre then total_at_end end) as total_at_centre,
        max(case when is_centre then share_at_end end) as share,
        min(total_at_end) as least_total,
        {%- for end, furthest in {'lower': 'min', 'upper': 'max'}.items() %}
        {%- for place, condition in at.items() %}
        {{ furthest }}(case when {{ condition }} then share_at_end end)
            as {{ place }}_{{ end }},
        {%- endfor %}
        {%- endfor %}
    from (
        select
            *,
            count_at_end / nullif(total_at_end, 0) as share_at_end,
            both_end = police_only_end and both_end = 'centre' as is_centre,
        from {{ shares }}
    ) as shared
    where rule_code = 'in_care' or share_code != 'police_only'
    group by agreement_cell_id, share_code
{%- endmacro %}

{# The bounds of a share, of rows of `spread_over_ends`. #}
{% macro bounds_over_ends() -%}
    {%- for end in ['lower', 'upper'] %}
    share_{{ end }}(
        share, least_total, both_factor_{{ end }}, police_only_factor_{{ end }}, corner_{{ end }}
    ) as share_{{ end }},
    {%- endfor %}
{%- endmacro %}

{# Such rows as columns: corrected counts, and shares with their bounds. #}
{% macro corrected_columns() -%}
    {%- for status in agreement_statuses() %}
    max(count_at_centre) filter (where share_code = '{{ status }}') as corrected_{{ status }}_count,
    {%- endfor %}
    max(total_at_centre) filter (where share_code = 'both') as corrected_total_count,
    {%- for name in agreement_statuses() + ['both_when_expected'] %}
    {%- for end in ['', '_lower', '_upper'] %}
    max(share{{ end }}) filter (where share_code = '{{ name }}') as corrected_{{ name }}_share{{ end }},
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# The names of these columns. #}
{% macro corrected_names() -%}
    {%- set names = ['corrected_total_count'] -%}
    {%- for status in agreement_statuses() -%}
        {%- do names.append('corrected_' ~ status ~ '_count') -%}
    {%- endfor -%}
    {%- for name in agreement_statuses() + ['both_when_expected'] -%}
        {%- for end in ['', '_lower', '_upper'] -%}
            {%- do names.append('corrected_' ~ name ~ '_share' ~ end) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
