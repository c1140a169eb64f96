{%- set first = '(cast(a + b as double) / nullif((a + b + c + d), 0))' -%}
{%- set second = '(cast(a + c as double) / nullif((a + b + c + d), 0))' -%}
{%- set kappa = function('cohens_kappa') ~ '(a, b, c, d)' -%}
case when b + c > 0 and a + b > 0 and c + d > 0 and a + c > 0 and b + d > 0 and (a + d > 0 or b != c) then
{% call with_known({
    'first': first,
    'second': second,
    'chance': '(' ~ first ~ ' * ' ~ second ~ ' + (1 - ' ~ first ~ ') * (1 - ' ~ second ~ '))',
    'kappa': kappa,
    'beyond': '1 - ' ~ kappa,
}) %}
sqrt(greatest(0.0, (
    a * power(1 - (known.first + known.second) * known.beyond, 2)
    + d * power(1 - (2 - known.first - known.second) * known.beyond, 2)
    + power(known.beyond, 2) * (
        b * power(1 + known.second - known.first, 2)
        + c * power(1 + known.first - known.second, 2)
    )
    - (a + b + c + d) * power(known.kappa - known.chance * known.beyond, 2)
))) / ((a + b + c + d) * nullif(1 - known.chance, 0))
{% endcall %}
end
