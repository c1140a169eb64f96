{#
    Ends of the interval of a share with four independent uncertainties: the share less or plus the
    root of the sum of squares of what each would move it alone (method of variance estimates
    recovery, MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693-1702), within 0 to 1. The
    four arguments after the share are where each uncertainty alone puts it, on that side; of the
    last three a null moves it nowhere. Null where the share is.
#}
{% macro variance_recovery_functions() -%}
    {%- set ends = ['sampled_end', 'precision_end', 'recall_end', 'children_end'] -%}
    {%- set distance -%}
        sqrt(
            power(sampled_end - share, 2)
            {%- for end in ends[1:] %}
            + power(coalesce({{ end }}, share) - share, 2)
            {%- endfor %}
        )
    {%- endset -%}
    {% call database_function('recovered_lower', ['share'] + ends) %}
        case when share is not null then greatest(0.0, share - {{ distance }}) end
    {% endcall %}
    {% call database_function('recovered_upper', ['share'] + ends) %}
        case when share is not null then least(1.0, share + {{ distance }}) end
    {% endcall %}
{%- endmacro %}
