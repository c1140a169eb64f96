{%- do source('key_log', 'former_keys') %}
with

final as (
    select
        record_kind,
        former_digits,
        digits,
    from {{ read_key_files('former_keys', ['record_kind', 'former_digits', 'digits']) }}
)

select * from final
