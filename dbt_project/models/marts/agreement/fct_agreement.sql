-- Every episode once, and every report of a child that has no usable start and so no
-- episode.
with

episodes as (
    select * from {{ ref('int_episodes_merged') }}
),

intervals as (
    select * from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason = 'no_usable_start'
),

episode_rows as (
    select
        episode_id_register as agreement_id,
        episode_id_register,
        cast(null as varchar) as report_id_register,
        source_status as status,
        is_police_covered as is_police_expected,
        case care_status_code
            when 'unknown' then null
            else care_status_code = 'looked_after'
        end as is_authority_expected,
        case
            when source_status = 'both'
                then
                    case when coalesce(is_category_equal, false) then null else 'D2' end
            when source_status = 'police_only' and not is_authority_covered then 'D18'
            when source_status = 'authority_only' and not is_police_covered then 'D18'
            when care_status_code = 'short_break' then 'D16'
            when source_status = 'police_only' and care_status_code = 'home'
                then case looked_after_flag_code when 'yes' then 'D14' else 'D1' end
            when
                source_status = 'police_only'
                and care_status_code = 'looked_after'
                and looked_after_flag_code = 'no'
                then 'D14'
            else 'D0'
        end as reason_code,
        coalesce(authority_code_dfe, 'unknown') as authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        collection_year,
        care_status_code,
        category_police_code,
        category_authority_code,
        is_category_equal,
        start_difference_hours,
        end_difference_hours,
    from episodes
),

report_rows as (
    select
        {{ register_key('R', 'report_key') }} as agreement_id,
        cast(null as varchar) as episode_id_register,
        {{ register_key('R', 'report_key') }} as report_id_register,
        source || '_only' as status,
        true as is_police_expected,
        cast(null as boolean) as is_authority_expected,
        'D11' as reason_code,
        coalesce(authority_code_dfe, 'unknown') as authority_code_dfe,
        coalesce(police_force_code, 'unknown') as police_force_code,
        'unknown' as collection_year,
        'unknown' as care_status_code,
        case source when 'police' then category_code end as category_police_code,
        case source when 'authority' then category_code end as category_authority_code,
        cast(null as boolean) as is_category_equal,
        cast(null as double) as start_difference_hours,
        cast(null as double) as end_difference_hours,
    from intervals
),

every_row as (
    select * from episode_rows
    union all
    select * from report_rows
),

final as (
    select
        agreement_id,
        episode_id_register,
        report_id_register,
        status,
        is_police_expected,
        is_authority_expected,
        reason_code,
        authority_code_dfe,
        police_force_code,
        collection_year,
        care_status_code,
        category_police_code,
        category_authority_code,
        is_category_equal,
        cast(start_difference_hours as double) as start_difference_hours,
        cast(end_difference_hours as double) as end_difference_hours,
    from every_row
)

select * from final
