{#
    Shares corrected for linkage, and where each uncertainty alone would put them, for
    `agg_agreement_corrected_by_linkage`: precision and recall at either end of their intervals, and
    the joined absences more or fewer by z standard errors of missed children.
#}
{% macro corrected_shares_at_every_end() -%}
    {%- set counts = 'joined_count, police_left_count, authority_left_count' -%}
    {%- set central = counts ~ ', link_precision, link_recall' -%}
    corrected_both({{ central }}) as corrected_both_count,
    corrected_total({{ central }}) as corrected_total_count
    {%- for status in agreement_statuses() %},
    corrected_share('{{ status }}', {{ central }}) as corrected_{{ status }}_share
        {%- for name, rates in {
            'precision_lower': 'link_precision_lower, link_recall',
            'precision_upper': 'link_precision_upper, link_recall',
            'recall_lower': 'link_precision, link_recall_lower',
            'recall_upper': 'link_precision, link_recall_upper',
            'children_lower': 'link_precision_fewer_children, link_recall',
            'children_upper': 'link_precision_more_children, link_recall',
        }.items() %},
    corrected_share('{{ status }}', {{ counts }}, {{ rates }}) as {{ status }}_at_{{ name }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#
    The share of a status with its interval. More links found make more of both and fewer of one
    source alone, so the ends change places with the status.
#}
{% macro corrected_interval(status) -%}
    {%- set share = 'corrected_' ~ status ~ '_share' -%}
    {%- set ends = {
        'lower': ['precision_lower', 'recall_upper', 'children_lower'],
        'upper': ['precision_upper', 'recall_lower', 'children_upper'],
    } -%}
    {%- set turned = {'lower': 'upper', 'upper': 'lower'} -%}
    {{ share }}
    {%- for side in ['lower', 'upper'] %},
    recovered_{{ side }}(
        {{ share }},
        sampled_{{ status }}_{{ side }}
        {%- for name in ends[side if status == 'both' else turned[side]] %},
        {{ status }}_at_{{ name }}
        {%- endfor %}
    ) as {{ share }}_{{ side }}
    {%- endfor %}
{%- endmacro %}
