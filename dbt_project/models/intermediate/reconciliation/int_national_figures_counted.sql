-- What the national release tells of all incidents and children beyond the release by
-- authority: how long they lasted, and who was unaccompanied on 31 March.
with

absences as (
    select * from {{ ref('int_absences_by_source_labelled') }}
),

open_absences as (
    {{ absences_open_at_year_end() }}
),

unaccompanied as (
    select * from {{ ref('int_child_versions') }}
    where valid_to is null and is_uasc
),

authority_years as (
    select * from {{ ref('int_authority_years_covered') }}
    where is_in_being and coverage_code != 'none'
),

final as (
    {{ day_figures('absences') }}
    union all
    select
        open_absences.collection_year,
        open_absences.category_authority_code || '_at_year_end_unaccompanied_children'
            as measure_code,
        count(
            distinct case
                when open_absences.care_status_code = 'looked_after'
                    then {{ joined_key([
                        'open_absences.authority_code_dfe',
                        'open_absences.child_id_register',
                    ]) }}
            end
        ) as register_figure,
        count(
            distinct {{ joined_key([
                'open_absences.authority_code_dfe', 'open_absences.child_id_register',
            ]) }}
        ) as any_care_figure,
        cast(null as bigint) as return_figure,
    from open_absences
    inner join unaccompanied
        on open_absences.child_id_register = unaccompanied.child_id_register
    inner join authority_years
        on
            open_absences.authority_code_dfe = authority_years.authority_code_dfe
            and open_absences.collection_year = authority_years.collection_year
    group by open_absences.collection_year, open_absences.category_authority_code
)

select * from final
