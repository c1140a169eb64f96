{#
    Cohen's kappa of two sources that each say yes or no: agreement beyond what their own shares of
    yes would give by chance (Cohen 1960, Educational and Psychological Measurement 20:37-46). `a`
    both yes, `b` the first alone yes, `c` the second alone, `d` both no:

        kappa = (po - pe) / (1 - pe) = 2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d))

    Null where both give one answer throughout: no agreement beyond chance is possible. A rare
    category makes kappa low however well the sources agree (Feinstein and Cicchetti 1990); compare
    with `gwets_ac1`.

    Its standard error for an interval, which does not suppose kappa 0 (Fleiss, Cohen and Everitt
    1969, Psychological Bulletin 72:323-327, formula 13), is the root of

        (Σ pii (1 - (p1 + p2)(1 - k))² + (1 - k)² Σ pij (pi + pj)² - (k - pe (1 - k))²)
        / (n (1 - pe)²)

    with p1 and p2 the two sources' shares of the cell's answer. It is 0, as if the counts were
    certain, where the two agree throughout or one of them gives one answer throughout: null there,
    and where kappa is. The interval (`agreement_intervals.sql`) holds there too.
#}
{% macro cohens_kappa_functions() -%}
    {%- set cells = ['a', 'b', 'c', 'd'] -%}
    {%- set n = '(a + b + c + d)' -%}
    {%- set first = '(cast(a + b as double) / nullif(' ~ n ~ ', 0))' -%}
    {%- set second = '(cast(a + c as double) / nullif(' ~ n ~ ', 0))' -%}
    {%- set chance -%}
        ({{ first }} * {{ second }} + (1 - {{ first }}) * (1 - {{ second }}))
    {%- endset -%}
    {% call database_function('cohens_kappa', cells) %}
        2.0 * (cast(a as double) * d - cast(b as double) * c)
        / nullif(cast(a + b as double) * (b + d) + cast(a + c as double) * (c + d), 0)
    {% endcall %}
    {% call database_function('cohens_kappa_error', cells) %}
        case when b + c > 0 and a + b > 0 and c + d > 0 and a + c > 0 and b + d > 0 and (a + d > 0 or b != c) then
        {% call with_known({
            'first': first,
            'second': second,
            'chance': chance,
            'kappa': 'cohens_kappa(a, b, c, d)',
            'beyond': '1 - cohens_kappa(a, b, c, d)',
        }) %}
        sqrt(greatest(0.0, (
            a * power(1 - (known.first + known.second) * known.beyond, 2)
            + d * power(1 - (2 - known.first - known.second) * known.beyond, 2)
            + power(known.beyond, 2) * (
                b * power(1 + known.second - known.first, 2)
                + c * power(1 + known.first - known.second, 2)
            )
            - {{ n }} * power(known.kappa - known.chance * known.beyond, 2)
        ))) / ({{ n }} * nullif(1 - known.chance, 0))
        {% endcall %}
        end
    {% endcall %}
{%- endmacro %}
