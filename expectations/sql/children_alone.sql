-- One row per set of values that an outsider may know about an absence. For the coarse and the
-- exact form of the register, each read as it is served: how many children have an absence whose
-- values no other child has (alone), and how many have one whose values fewer than five children
-- have (few).
with episodes as (
    select
        'coarse' as form_code,
        child_id_register,
        police_force_code,
        started_at,
        age_band_code as age,
        sex_code,
        ethnicity_group_code,
        care_status_code,
        authority_code_dfe
    from coarse.register.fct_episodes
    union all
    select
        'exact' as form_code,
        child_id_register,
        police_force_code,
        started_at,
        cast(age_at_start as varchar) as age,
        sex_code,
        ethnicity_group_code,
        care_status_code,
        authority_code_dfe
    from register.fct_episodes
),

known as (
    select distinct
        episodes.form_code,
        sets.known_values,
        sets.cell,
        episodes.child_id_register
    from episodes
    cross join lateral (
        values
        ('force and start', hash(row(police_force_code, started_at))),
        ('age and sex too', hash(row(police_force_code, started_at, age, sex_code))),
        (
            'everything',
            hash(
                row(
                    police_force_code, started_at, age, sex_code,
                    ethnicity_group_code, care_status_code, authority_code_dfe
                )
            )
        )
    ) as sets (known_values, cell)
),

counted as (
    select
        form_code,
        known_values,
        child_id_register,
        count(*) over (partition by form_code, known_values, cell) as alike_count
    from known
),

children as (
    select
        form_code,
        known_values,
        child_id_register,
        min(alike_count) as least_alike_count
    from counted
    group by form_code, known_values, child_id_register
)

select
    known_values,
    count(*) filter (where form_code = 'coarse') as children_count,
    count(*) filter (where form_code = 'coarse' and least_alike_count = 1) as coarse_alone_count,
    count(*) filter (where form_code = 'coarse' and least_alike_count < 5) as coarse_few_count,
    count(*) filter (where form_code = 'exact' and least_alike_count = 1) as exact_alone_count,
    count(*) filter (where form_code = 'exact' and least_alike_count < 5) as exact_few_count
from children
group by known_values
