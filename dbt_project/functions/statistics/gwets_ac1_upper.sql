{%- set step, coefficient = function('step_upper'), function('ac1_of_shares') -%}
{% call with_known({
    'measure': function('gwets_ac1') ~ '(a, b, c, d)',
    'disagreed': 'cast(b + c as double) / nullif(a + b + c + d, 0)',
    'end': function('small_share_lower') ~ '(b + c, a + b + c + d)',
    'u': function('lean') ~ '(a, d)',
    'far_u': function('most_lean') ~ '(a, d)',
}) %}
{{ function('moved_upper') }}(
    known.measure,
    {{ step }}(
        {{ coefficient }}(known.disagreed, known.u), {{ coefficient }}(known.end, known.u)
    )
    + {{ step }}(
        {{ coefficient }}(known.disagreed, known.u),
        {{ coefficient }}(known.disagreed, known.far_u)
    )
)
{% endcall %}
