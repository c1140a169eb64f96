{{ config(materialized='ephemeral') }}

with

ends as (
    {% for end in ['centre', 'lower', 'upper'] %}
        select '{{ end }}' as end_code
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

shares as (
    {% for share in agreement_statuses() + ['both_when_expected'] %}
        select '{{ share }}' as share_code
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        shares.share_code,
        both_ends.end_code as both_end,
        police_only_ends.end_code as police_only_end,
    from shares
    cross join ends as both_ends
    cross join ends as police_only_ends
)

select * from final
