-- The most detailed counts, which other tables of agreement add up. Only absences in
-- scope count: short breaks and reports without a usable start are left out.
with

agreement as (
    select * from {{ ref('fct_agreement') }}
    where is_in_scope
),

categories as (
    select * from {{ ref('ref__categories') }}
),

counted as (
    select
        agreement.authority_code_dfe,
        agreement.police_force_code,
        agreement.collection_year,
        agreement.start_month,
        agreement.care_status_code,
        agreement.care_status_code = 'looked_after'
        and coalesce(agreement.is_out_of_area, false) as is_out_of_area,
        {{ agreement_counts() }},
    from agreement
    left join categories as police_categories
        on agreement.category_police_code = police_categories.category_code
    left join categories as authority_categories
        on agreement.category_authority_code = authority_categories.category_code
    group by
        agreement.authority_code_dfe,
        agreement.police_force_code,
        agreement.collection_year,
        agreement.start_month,
        agreement.care_status_code,
        agreement.care_status_code = 'looked_after'
        and coalesce(agreement.is_out_of_area, false)
),

measured as (
    select
        *,
        {{ agreement_measures() }},
    from counted
),

shrunk as (
    {{ agreement_shrinkage('measured', ['collection_year', 'care_status_code']) }}
),

final as (
    select
        {{ joined_key([
            'authority_code_dfe',
            'police_force_code',
            'collection_year',
            'start_month',
            'care_status_code',
            'is_out_of_area',
        ]) }} as agreement_cell_id,
        *,
    from shrunk
)

select * from final
