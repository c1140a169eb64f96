-- Four case lists with the same columns. The three lists of children cover the last
-- `falling_through_days` days before the latest delivery; today's date is not used. The
-- list of silent suppliers has no time limit.
with

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

known_on as (
    select cast(max(received_at) as date) as as_of_date
    from {{ ref('stg_ledger__deliveries') }}
),

episodes as (
    select
        episodes.*,
        known_on.as_of_date,
    from {{ ref('int_episodes') }} as episodes
    cross join known_on
    where
        episodes.care_status_code = 'looked_after'
        and episodes.is_police_covered
        and episodes.is_authority_covered
        and {{ elapsed_days('episodes.start_date', 'known_on.as_of_date') }}
        <= {{ var('falling_through_days') }}
),

ranked as (
    select
        *,
        min(source_status) over (partition by child_id_register) as first_status,
        max(source_status) over (partition by child_id_register) as last_status,
        {{ place_on_case_list() }},
    from episodes
),

-- Looked-after children whose absences in the last `falling_through_days` days were all
-- reported by the same single source, although both sources had delivered data.
one_sided as (
    select
        child_id_register,
        episode_id_register,
        source_status as reason_code,
        as_of_date,
        since_date,
        episode_count,
        case source_status when 'police_only' then 'authority' else 'police' end
            as body_type_code,
        case source_status
            when 'police_only' then authority_code_dfe
            else police_force_code
        end as body_code,
    from ranked
    where
        recency_rank = 1
        and first_status = last_status
        and source_status != 'both'
),

crosswalk as (
    select distinct child_id_register
    from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

care_episodes as (
    select
        care_episodes.*,
        known_on.as_of_date,
        crosswalk.child_id_register is not null as is_known_to_authority,
    from {{ ref('int_episodes') }} as care_episodes
    cross join known_on
    left join crosswalk on care_episodes.child_id_register = crosswalk.child_id_register
    where
        care_episodes.looked_after_flag_code = 'yes'
        and care_episodes.care_status_code = 'home'
        and care_episodes.is_authority_covered
        and {{ elapsed_days('care_episodes.start_date', 'known_on.as_of_date') }}
        <= {{ var('falling_through_days') }}
),

ranked_care as (
    select
        *,
        {{ place_on_case_list() }},
    from care_episodes
),

-- Children whom the police recorded as looked after, but whom no authority's data show
-- in care. Either the flag is wrong, or no authority takes responsibility for the
-- child.
unknown_to_care as (
    select
        child_id_register,
        episode_id_register,
        case
            when is_known_to_authority then 'no_period_of_care'
            else 'no_authority_record'
        end as reason_code,
        as_of_date,
        since_date,
        episode_count,
        'authority' as body_type_code,
        authority_code_dfe as body_code,
    from ranked_care
    where recency_rank = 1
),

interviews_owed as (
    select
        *,
        1 as episode_count,
        end_date as since_date,
        'authority' as body_type_code,
        authority_code_dfe as body_code,
    from {{ ref('fct_interviews_owed') }}
    where days_since <= {{ var('falling_through_days') }}
),

silent_suppliers as (
    select
        silences.*,
        cast(null as bigint) as episode_count,
        suppliers.supplier_type as body_type_code,
        silences.supplier_code as body_code,
        case
            when silences.last_coverage_code in ('held', 'withdrawn', 'rejected')
                then silences.last_coverage_code
            else silences.silence_code
        end as reason_code,
    from {{ ref('agg_silent_suppliers_by_feed') }} as silences
    inner join suppliers on silences.supplier_code = suppliers.supplier_code
    where suppliers.supplier_type in ('police', 'authority')
),

listed as (
    {{ case_list_rows('known_to_one_source_only', 'one_sided') }}
    union all
    {{ case_list_rows('looked_after_unknown_to_authority', 'unknown_to_care') }}
    union all
    {{ case_list_rows('closed_without_return_interview', 'interviews_owed') }}
    union all
    {{ case_list_rows('supplier_delivered_nothing', 'silent_suppliers', false) }}
),

names as (
    {{ child_names(ref('int_golden_record_values')) }}
),

birth_dates as (
    {{ child_birth_dates(ref('int_golden_record_values')) }}
),

final as (
    select
        {{ surrogate_key([
            'listed.list_code', 'listed.child_id_register',
            'listed.episode_id_register', 'listed.feed', 'listed.body_code',
        ]) }} as falling_through_id,
        listed.list_code,
        listed.reason_code,
        listed.child_id_register,
        listed.episode_id_register,
        names.forenames,
        names.surname,
        birth_dates.birth_date,
        listed.feed,
        cast(listed.episode_count as integer) as episode_count,
        listed.since_date,
        listed.as_of_date,
        cast(
            {{ elapsed_days('listed.since_date', 'listed.as_of_date') }} as integer
        ) as age_days,
        listed.body_type_code,
        listed.body_code,
        coalesce(suppliers.supplier_name, listed.body_code) as body_name,
    from listed
    left join names on listed.child_id_register = names.child_id_register
    left join birth_dates on listed.child_id_register = birth_dates.child_id_register
    left join suppliers on listed.body_code = suppliers.supplier_code
)

select * from final
