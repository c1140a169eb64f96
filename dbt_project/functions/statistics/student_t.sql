{#
    The quantile of Student's t distribution with `degrees` degrees of freedom that leaves as much
    in each tail as `interval_z` does in the normal distribution. It is computed as an expansion in
    powers of 1 / `degrees`, which is right to three decimals from 5 degrees on. Null below 3
    degrees, where the expansion is not accurate. Source: Abramowitz and Stegun 1964, 26.7.5.
#}
{%- set z = var('interval_z') -%}
{%- set terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
] -%}
case
    when degrees >= 3
        then {{ z }}e0
        {%- for term in terms %} + {{ term }}e0 / power(degrees, {{ loop.index }})
        {%- endfor %}
end
