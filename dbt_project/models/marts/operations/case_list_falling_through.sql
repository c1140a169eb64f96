-- Four lists in one form, of what began in the days that the lists look back. As of
-- the day of the latest delivery: the register has no clock of its own.
with

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

one_sided as (
    select * from {{ ref('int_children_one_sided_listed') }}
),

unknown_to_care as (
    select * from {{ ref('int_children_unknown_to_care_listed') }}
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
            when silences.last_coverage_code in ('held', 'rejected')
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
    select * from {{ ref('int_child_names_current') }}
),

birth_dates as (
    select * from {{ ref('int_child_birth_dates') }}
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
