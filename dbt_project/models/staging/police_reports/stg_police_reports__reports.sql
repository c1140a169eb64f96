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
        {{ birth_date_of('landed.dob') }} as dob_date,
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
        {{ code_columns('category', 'landed.category', missing='unmapped') }},
        {{ code_columns('looked_after_flag', 'landed.is_looked_after') }},
        landed.care_authority as care_authority_source,
        landed.found_postcode,
        {% for stem, field, _ in police_codes() %}
            {{ code_columns(stem, 'landed.' ~ field) }},
        {% endfor %}
        {% for event in police_moments() %}
            {{ moment_columns('landed.' ~ event ~ '_at', event) }},
        {% endfor %}
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
    {{ join_police_code(
        'looked_after_flag', 'is_looked_after', 'landed.is_looked_after'
    ) }}
    {% for stem, field, vocabulary in police_codes() %}
        {{ join_police_code(stem, vocabulary, 'landed.' ~ field) }}
    {% endfor %}
    {{ join_ethnicities() }}
)

select * from final
