-- The values of a child after each delivery that has a record of the child. Sex and
-- ethnicity have the last known value of an authority, or else of a police force. Once
-- a record says that the child is unaccompanied, all later versions say so. A new
-- version begins when one of these values changes. Of records of one person received
-- together, the one of the later period counts as later.
{% set attributes = ['sex_code', 'ethnicity_code', 'ethnicity_group_code'] %}
with

versions as (
    select * from {{ ref('int_person_versions') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

birth_dates as (
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

known as (
    select
        crosswalk.child_id_register,
        versions.known_at,
        versions.source,
        versions.source_rank,
        versions.mention_key,
        versions._period_start,
        versions._delivery_id,
        versions._file,
        versions._row_number,
        versions.is_uasc,
        {% for attribute in attributes %}
            case
                when versions.{{ attribute }} not in ('unknown', 'unmapped')
                    then versions.{{ attribute }}
            end as {{ attribute }},
        {% endfor %}
    from versions
    inner join crosswalk on versions.mention_key = crosswalk.mention_key
    union all
    -- Each mention adds a row without values. So a child whose sources give no personal
    -- details has a version too.
    select
        child_id_register,
        first_received_at as known_at,
        'none' as source,
        0 as source_rank,
        mention_key,
        cast(null as date) as _period_start,
        cast(null as varchar) as _delivery_id,
        cast(null as varchar) as _file,
        0 as _row_number,
        false as is_uasc,
        {% for attribute in attributes %}
            cast(null as varchar) as {{ attribute }},
        {% endfor %}
    from crosswalk
),

filled as (
    select
        child_id_register,
        known_at,
        max(case when is_uasc then 1 else 0 end) over so_far = 1 as is_uasc,
        {% for attribute in attributes %}
            coalesce(
                last_value(
                    case when source = 'authority' then {{ attribute }} end ignore nulls
                )
                    over so_far,
                last_value(
                    case when source = 'police' then {{ attribute }} end ignore nulls
                )
                    over so_far,
                'unknown'
            ) as {{ attribute }},
        {% endfor %}
        row_number() over (
            partition by child_id_register, known_at
            order by
                source_rank desc, mention_key desc,
                _period_start desc, _delivery_id desc, _file desc, _row_number desc
        ) as moment_rank,
    from known
    window so_far as (
        partition by child_id_register
        order by
            known_at, source_rank, mention_key,
            _period_start, _delivery_id, _file, _row_number
        rows between unbounded preceding and current row
    )
),

moments as (
    select
        *,
        coalesce(lag(
            sex_code || '|' || ethnicity_code || '|' || ethnicity_group_code
            || '|' || cast(is_uasc as varchar)
        ) over (partition by child_id_register order by known_at), '')
        != sex_code || '|' || ethnicity_code || '|' || ethnicity_group_code
        || '|' || cast(is_uasc as varchar) as is_changed,
    from filled
    where moment_rank = 1
),

final as (
    select
        moments.child_id_register
        || '-'
        || cast(row_number() over by_time as varchar) as child_version_id,
        moments.child_id_register,
        row_number() over by_time as version_number,
        moments.known_at as valid_from,
        lead(moments.known_at) over by_time as valid_to,
        moments.sex_code,
        moments.ethnicity_code,
        moments.ethnicity_group_code,
        moments.is_uasc,
        birth_dates.birth_date,
    from moments
    left join birth_dates
        on moments.child_id_register = birth_dates.child_id_register
    where moments.is_changed
    window by_time as (
        partition by moments.child_id_register order by moments.known_at
    )
)

select * from final
