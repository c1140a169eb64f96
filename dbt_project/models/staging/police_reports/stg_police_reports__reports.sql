with

landed as (
    select *
    from {{ landed() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

code_map as (
    select * from {{ ref('map__police_codes') }}
),

ethnicities as (
    select * from {{ ref('ref__ethnicities') }}
),

final as (
    select
        deliveries.supplier_code,
        deliveries.period,
        deliveries.received_at,
        landed.report_ref,
        landed.person_ref,
        landed.forenames,
        landed.surname,
        landed.aliases,
        {{ date_of('landed.dob') }} as dob_date,
        {{ number_or_null('landed.age', 'integer') }} as age_years,
        {{ code_columns('sex', 'landed.sex') }},
        {{ ethnicity_columns('landed.ethnicity') }},
        case
            when landed.ethnicity is null then null
            when ethnicity_map.conformed_code like 'group_only_%' then 'officer_defined'
            else 'self_defined'
        end as ethnicity_basis_code,
        landed.home_postcode,
        landed.missing_from_postcode,
        {{ code_columns('location_type', 'landed.missing_from_location_type') }},
        {{ moment_columns('landed.last_seen_at', 'last_seen') }},
        {{ moment_columns('landed.reported_at', 'reported') }},
        {{ moment_columns('landed.found_at', 'found') }},
        {{ moment_columns('landed.returned_at', 'returned') }},
        {{ moment_columns('landed.closed_at', 'closed') }},
        {{ code_columns('category', 'landed.category', missing='unmapped') }},
        {{ code_columns('risk_initial', 'landed.risk_initial') }},
        {{ code_columns('risk_highest', 'landed.risk_highest') }},
        {{ code_columns('risk_final', 'landed.risk_final') }},
        {{ code_columns('looked_after_flag', 'landed.is_looked_after') }},
        landed.care_authority as care_authority_source,
        {{ code_columns('reported_by', 'landed.reported_by') }},
        {{ code_columns('found_by', 'landed.found_by') }},
        landed.found_postcode,
        {{ code_columns('cse_flag', 'landed.cse_flag') }},
        {{ code_columns('cce_flag', 'landed.cce_flag') }},
        {{ code_columns('trafficking_flag', 'landed.trafficking_flag') }},
        {{ code_columns('mental_health_flag', 'landed.mental_health_flag') }},
        {{ code_columns('harm_flag', 'landed.harm_flag') }},
        {{ code_columns('fatal_flag', 'landed.is_fatal') }},
        {{ moment_columns('landed.prevention_interview_at', 'prevention_interview') }},
        landed.transferred_from_force,
        landed.transferred_to_force,
        landed._delivery_id,
        landed._file,
        landed._row_number,
    from landed
    inner join deliveries on landed._delivery_id = deliveries.delivery_id
    {{ join_police_code('sex', 'sex', 'landed.sex') }}
    {{ join_police_code('ethnicity', 'ethnicity', 'landed.ethnicity') }}
    {{ join_police_code(
        'location_type',
        'missing_from_location_type',
        'landed.missing_from_location_type'
    ) }}
    {{ join_police_code('category', 'category', 'landed.category') }}
    {{ join_police_code('risk_initial', 'risk', 'landed.risk_initial') }}
    {{ join_police_code('risk_highest', 'risk', 'landed.risk_highest') }}
    {{ join_police_code('risk_final', 'risk', 'landed.risk_final') }}
    {{ join_police_code(
        'looked_after_flag', 'is_looked_after', 'landed.is_looked_after'
    ) }}
    {{ join_police_code('reported_by', 'reported_by', 'landed.reported_by') }}
    {{ join_police_code('found_by', 'found_by', 'landed.found_by') }}
    {{ join_police_code('cse_flag', 'flag', 'landed.cse_flag') }}
    {{ join_police_code('cce_flag', 'flag', 'landed.cce_flag') }}
    {{ join_police_code('trafficking_flag', 'flag', 'landed.trafficking_flag') }}
    {{ join_police_code('mental_health_flag', 'flag', 'landed.mental_health_flag') }}
    {{ join_police_code('harm_flag', 'flag', 'landed.harm_flag') }}
    {{ join_police_code('fatal_flag', 'flag', 'landed.is_fatal') }}
    {{ join_ethnicities() }}
)

select * from final
