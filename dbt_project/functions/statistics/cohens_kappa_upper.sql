{%- set step, coefficient = function('step_upper'), function('kappa_of_shares') -%}
{% call with_known({
    'measure': function('cohens_kappa') ~ '(a, b, c, d)',
    'disagreed': 'cast(b + c as double) / nullif(a + b + c + d, 0)',
    'end': function('small_share_lower') ~ '(b + c, a + b + c + d)',
    'u': function('lean') ~ '(a, d)',
    'far_u': function('least_lean') ~ '(a, d)',
    'v': function('lean') ~ '(b, c)',
    'far_v': function('most_lean') ~ '(b, c)',
}) %}
{{ function('moved_upper') }}(
    known.measure,
    {{ step }}(
        {{ coefficient }}(known.disagreed, known.u, known.v),
        {{ coefficient }}(known.end, known.u, known.v)
    )
    + greatest(
        {{ step }}(
            {{ coefficient }}(known.disagreed, known.u, known.v),
            {{ coefficient }}(known.disagreed, known.far_u, known.v)
        ),
        {{ step }}(
            {{ coefficient }}(known.end, known.u, known.v),
            {{ coefficient }}(known.end, known.far_u, known.v)
        )
    )
    + greatest(
        {{ step }}(
            {{ coefficient }}(known.disagreed, known.u, known.v),
            {{ coefficient }}(known.disagreed, known.u, known.far_v)
        ),
        {{ step }}(
            {{ coefficient }}(known.end, known.u, known.v),
            {{ coefficient }}(known.end, known.u, known.far_v)
        )
    )
)
{% endcall %}
