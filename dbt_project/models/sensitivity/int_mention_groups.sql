{#
    Groups by which linkage error is reported. A mention's characteristics are the last
    that its own source gave, because a link must not be judged by values that only the
    link supplied.
#}
with

mentions as (
    select * from {{ ref('int_clean_mentions') }}
),

versions as (
    select * from {{ ref('int_person_versions') }}
),

ranked as (
    select
        mention_key,
        sex_code,
        ethnicity_group_code,
        birth_date,
        max(case when is_uasc then 1 else 0 end) over (partition by mention_key)
            as uasc_rank,
        row_number() over (
            partition by mention_key
            order by
                source_rank desc,
                known_at desc,
                _period_start desc,
                _delivery_id desc,
                _file desc,
                _row_number desc
        ) as recency_rank,
    from versions
),

described as (
    select
        mentions.mention_key,
        mentions.source,
        mentions.issuer_code,
        coalesce(ranked.sex_code, 'unknown') as sex_code,
        coalesce(ranked.ethnicity_group_code, 'unknown') as ethnicity_group_code,
        coalesce(ranked.uasc_rank, 0) as uasc_rank,
        {{ function('age_on') }}(
            ranked.birth_date, mentions.first_period_start
        ) as age_years,
    from mentions
    left join ranked
        on
            mentions.mention_key = ranked.mention_key
            and ranked.recency_rank = 1
),

grouped as (
    {% set groupings = {
        'all': "'all'",
        'sex': 'sex_code',
        'ethnicity_group': 'ethnicity_group_code',
        'uasc': "case uasc_rank when 1 then 'uasc' else 'other' end",
        'age_band': "case when age_years is null then 'unknown'
            when age_years < 10 then 'under 10' when age_years < 16 then '10 to 15'
            when age_years < 18 then '16 to 17' else '18 and over' end",
        'authority': "case source when 'authority' then issuer_code end",
        'force': "case source when 'police' then issuer_code end",
    } %}
    {% for grouping, value in groupings.items() %}
        select
            mention_key,
            '{{ grouping }}' as grouping_code,
            {{ value }} as group_value,
        from described
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select distinct
        mention_key,
        grouping_code,
        group_value,
    from grouped
    where group_value is not null
)

select * from final
