{%- do source('key_log', 'former_keys') %}
with

final as (
    select
        record_kind,
        former_digits,
        digits,
    from {{ read_former_keys() }}
)

select * from final
