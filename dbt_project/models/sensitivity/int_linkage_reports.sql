-- Absences of each source at another threshold. A register absence is split if its
-- reports belong to two children there. If two register children are one child there,
-- their absences become one where they overlap or lie within the source's tolerance.
with

moved as (
    select * from {{ ref('int_children_reclustered') }}
),

intervals as (
    select * from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason is null
),

merged as (
    select * from {{ ref('int_source_absences') }}
),

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

reports as (
    select
        moved.linkage_code,
        moved.linkage_child_key,
        moved.child_id_register as register_child_id,
        intervals.report_key,
        intervals.source,
        intervals.start_lower_at,
        intervals.start_upper_at,
        intervals.end_lower_at,
        intervals.end_upper_at,
        intervals.eighteenth_birthday_date,
        intervals.category_code,
        intervals.supplier_code,
        merged.source_absence_key || '|' || moved.linkage_child_key as part_key,
        {{ dbt.dateadd(
            'second',
            'cast(tolerances.tolerance_hours * 3600 - 1 as integer)',
            'coalesce(intervals.end_lower_at, intervals.start_lower_at)'
        ) }} as reaches_until_at,
    from moved
    inner join intervals on moved.mention_key = intervals.mention_key
    inner join merged on intervals.report_key = merged.report_key
    inner join tolerances on intervals.source = tolerances.source
),

parts as (
    select
        linkage_child_key,
        source,
        part_key,
        min(register_child_id) as register_child_id,
        min(start_lower_at) as start_lower_at,
        max(reaches_until_at) as reaches_until_at,
    from reports
    group by linkage_child_key, source, part_key
),

joined_children as (
    select
        linkage_child_key,
        source,
    from parts
    group by linkage_child_key, source
    having count(distinct register_child_id) > 1
),

marked as (
    select
        parts.linkage_child_key,
        parts.source,
        parts.part_key,
        parts.start_lower_at,
        case
            when
                joined_children.source is not null
                and parts.start_lower_at <= max(parts.reaches_until_at) over (
                    partition by parts.linkage_child_key, parts.source
                    order by parts.start_lower_at, parts.part_key
                    rows between unbounded preceding and 1 preceding
                )
                then 0
            else 1
        end as is_first,
    from parts
    left join joined_children
        on
            parts.linkage_child_key = joined_children.linkage_child_key
            and parts.source = joined_children.source
),

numbered as (
    select
        *,
        sum(is_first) over (
            partition by linkage_child_key, source
            order by start_lower_at, part_key
            rows between unbounded preceding and current row
        ) as absence_number,
    from marked
),

final as (
    select
        reports.*,
        reports.linkage_child_key as child_id_register,
        reports.linkage_child_key
        || '|'
        || reports.source
        || '|'
        || numbered.absence_number as absence_key,
    from reports
    inner join numbered
        on
            reports.part_key = numbered.part_key
            and reports.source = numbered.source
)

select * from final
