with

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

evidence as (
    select * from {{ ref('int_link_evidence') }}
),

joined_links as (
    select
        left_mention_key as mention_key,
        link_method,
        match_weight,
    from evidence
    where is_joined
    union all
    select
        right_mention_key as mention_key,
        link_method,
        match_weight,
    from evidence
    where is_joined
),

strongest as (
    select
        mention_key,
        link_method,
        match_weight,
        row_number() over (
            partition by mention_key
            order by
                case link_method when 'decision' then 0 else 1 end asc,
                match_weight desc,
                link_method asc
        ) as link_rank,
    from joined_links
),

final as (
    select
        {{ register_key('M', 'crosswalk.mention_key') }} as mention_id_register,
        crosswalk.child_id_register,
        crosswalk.source,
        crosswalk.issuer_code,
        crosswalk.first_received_at,
        crosswalk.is_founder,
        coalesce(strongest.link_method, 'unlinked') as link_method,
        strongest.match_weight,
    from crosswalk
    left join strongest
        on
            crosswalk.mention_key = strongest.mention_key
            and strongest.link_rank = 1
)

select * from final
