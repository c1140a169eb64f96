-- A report that gives an age and no date of birth says between which days the child was
-- born; several reports of one person narrow it. Ages that contradict say nothing.
with

keys as (
    select * from {{ ref('int_source_keys_pseudonymised') }}
    where kind = 'person'
),

reports as (
    select
        supplier_code,
        {{ police_person_id() }} as person_id,
        cast(coalesce(last_seen_at, reported_at) as date) as stated_date,
        age_years,
        age_years + 1 as next_age_years,
    from {{ ref('stg_police_reports__reports') }}
    where dob_date is null and age_years is not null
),

bounds as (
    select
        keys.source_key as mention_key,
        max(cast(
            {{ dbt.dateadd('year', '-reports.next_age_years', 'reports.stated_date') }}
            as date
        )) as birth_date_earliest,
        min(cast(
            {{ dbt.dateadd('year', '-reports.age_years', 'reports.stated_date') }}
            as date
        )) as birth_date_latest,
    from reports
    inner join keys
        on
            reports.supplier_code = keys.issuer
            and reports.person_id = keys.source_id
    group by keys.source_key
),

final as (
    select
        mention_key,
        birth_date_earliest,
        birth_date_latest,
    from bounds
    where birth_date_earliest <= birth_date_latest
)

select * from final
