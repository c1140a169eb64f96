-- Figures of this home's clerical sample. Without a sample there are no rows, and the
-- public files show these figures as not available.
with

quality as (
    select * from {{ ref('agg_linkage_quality') }}
    where basis = 'clerical_sample' and linkage = 'central' and unit = 'pair'
),

listed_rows as (
    select * from {{ ref('int_publication_rows') }}
    where counted_on = 'linkage'
),

topics as (
    select
        *,
        case split_part(split_part(filter_values, ';', 1), '=', 2)
            when 'Total' then 'all'
            when 'Age' then 'age_band'
            when 'Sex' then 'sex'
            when 'Ethnicity' then 'ethnicity_group'
            when 'Unaccompanied' then 'uasc'
        end as grouping_code,
    from listed_rows
),

final as (
    select
        topics.filter_values,
        quality.precision,
        quality.precision_lower,
        quality.precision_upper,
        quality.recall,
        quality.recall_lower,
        quality.recall_upper,
        quality.true_count + quality.false_count + quality.missed_count as pair_count,
    from topics
    inner join quality
        on
            topics.grouping_code = quality.grouping
            and coalesce(topics.item_codes, 'all') = quality.group_value
)

select * from final
