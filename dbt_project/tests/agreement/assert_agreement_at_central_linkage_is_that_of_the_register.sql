-- Fails if the counts at the central linkage threshold differ from the register's
-- agreement. Also fails if a source's national number of absences changes at another
-- threshold although no child changes at any threshold.
with

sensitivities as (
    select * from {{ ref('agg_agreement_by_linkage') }}
),

areas as (
    select * from {{ ref('agg_agreement_by_area_year') }}
),

moved as (
    select count(*) as moved_count
    from {{ ref('int_children_reclustered') }}
),

nation as (
    select
        linkage_code,
        sum(both_count + police_only_count) as police_count,
        sum(both_count + authority_only_count) as authority_count,
    from sensitivities
    where area_level_code = 'nation' and population_code = 'every_child'
    group by linkage_code
),

final as (
    select
        areas.agreement_cell_id as wrong_id,
        areas.total_count as expected_count,
        sensitivities.total_count as actual_count,
    from areas
    left join sensitivities
        on
            sensitivities.agreement_cell_id = 'central|' || areas.agreement_cell_id
            and areas.both_count = sensitivities.both_count
            and areas.total_count = sensitivities.total_count
            and areas.both_expected_count = sensitivities.both_expected_count
            and areas.missing_by_both_count = sensitivities.missing_by_both_count
    where sensitivities.agreement_cell_id is null
    union all
    select
        other.linkage_code as wrong_id,
        central.police_count as expected_count,
        other.police_count as actual_count,
    from nation as central
    inner join nation as other on central.linkage_code = 'central'
    cross join moved
    where
        moved.moved_count = 0
        and (
            central.police_count != other.police_count
            or central.authority_count != other.authority_count
        )
)

select * from final
