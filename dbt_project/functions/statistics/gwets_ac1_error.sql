{%- set share = '(cast(2 * a + b + c as double) / nullif(2 * (a + b + c + d), 0))' -%}
case when b + c > 0 and a + d > 0 then
{% call with_known({
    'agreed': '(cast(a + d as double) / nullif(a + b + c + d, 0))',
    'share': share,
    'chance': '(2 * ' ~ share ~ ' * (1 - ' ~ share ~ '))',
    'beyond': '1 - ' ~ function('gwets_ac1') ~ '(a, b, c, d)',
}) %}
sqrt(greatest(0.0, (
    known.agreed * (1 - known.agreed)
    - 4 * known.beyond * (
        (a * (1 - known.share) + d * known.share) / (a + b + c + d) - known.agreed * known.chance
    )
    + 4 * power(known.beyond, 2) * (
        (a * power(1 - known.share, 2) + d * power(known.share, 2) + (b + c) * 0.25)
        / (a + b + c + d)
        - power(known.chance, 2)
    )
) / nullif((a + b + c + d), 0))) / (1 - known.chance)
{% endcall %}
end
