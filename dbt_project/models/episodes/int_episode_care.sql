-- Finds the police force and the local authority of each episode, and whether both have
-- delivered data for its first day. The authority is the one that looked after the
-- child, or else the one that reported the absence. If neither is known, it is the
-- authority of the home address, or else of the place that the child left.
with

episodes as (
    select * from {{ ref('int_episode_reports') }}
),

spells as (
    select * from {{ ref('int_care_spells') }}
),

in_use as (
    select {{ compact_postcode('home_postcode') }} as postcode from episodes
    union all
    select {{ compact_postcode('missing_from_postcode') }} as postcode from episodes
),

postcodes as (
    select * from {{ ref('int_postcode_areas') }}
    where postcode in (select in_use.postcode from in_use)
),

authorities as (
    select * from {{ ref('int_authority_periods') }}
),

spans as (
    select * from {{ ref('int_supplier_coverage') }}
),

mentions as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

candidates as (
    select
        episodes.episode_id_register,
        spells.*,
        row_number() over (
            partition by episodes.episode_id_register
            order by
                case when spells.is_short_break then 1 else 0 end,
                case
                    when
                        spells.authority_code_dfe
                        = episodes.reporting_authority_code_dfe
                        then 0
                    else 1
                end,
                spells.spell_start_date desc,
                spells.mention_key asc,
                spells.placement_key asc,
                spells.episode_number asc
        ) as preference_rank,
    from episodes
    inner join mentions on episodes.child_id_register = mentions.child_id_register
    inner join spells
        on
            mentions.mention_key = spells.mention_key
            and episodes.start_date >= spells.spell_start_date
            and (
                spells.spell_end_date is null
                or episodes.start_date < spells.spell_end_date
            )
),

-- The spell of care on the first day of the episode. Of several spells, full care is
-- preferred to a short break, then the authority that reported the absence, then the
-- latest start.
care as (
    select
        episode_id_register,
        case when is_short_break then 'short_break' else 'looked_after' end
            as care_status_code,
        legal_status_code,
        placement_key,
        placement_type_code,
        placement_provider_code,
        distance_miles,
        is_out_of_area,
        is_over_20_miles,
        authority_code_dfe as placing_authority_code_dfe,
        placement_authority_code_dfe,
        host_police_force_code,
    from candidates
    where preference_rank = 1
),

placed as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        episodes.start_date,
        episodes.looked_after_flag_code,
        care.care_status_code,
        coalesce(
            care.placing_authority_code_dfe,
            episodes.reporting_authority_code_dfe,
            homes.authority_code_dfe,
            origins.authority_code_dfe
        ) as authority_code_dfe,
        coalesce(
            care.placement_authority_code_dfe,
            origins.authority_code_dfe,
            homes.authority_code_dfe,
            care.placing_authority_code_dfe,
            episodes.reporting_authority_code_dfe
        ) as host_authority_code_dfe,
        episodes.police_force_code as reporting_police_force_code,
        care.host_police_force_code,
    from episodes
    left join care on episodes.episode_id_register = care.episode_id_register
    left join postcodes as homes
        on {{ compact_postcode('episodes.home_postcode') }} = homes.postcode
    left join postcodes as origins
        on {{ compact_postcode('episodes.missing_from_postcode') }} = origins.postcode
),

forced as (
    select
        placed.*,
        coalesce(
            placed.reporting_police_force_code,
            placed.host_police_force_code,
            authorities.police_force_code
        ) as police_force_code,
    from placed
    left join authorities
        on
            placed.host_authority_code_dfe = authorities.authority_code_dfe
            and placed.start_date >= authorities.valid_from
            and placed.start_date
            <= coalesce(authorities.valid_to, cast('9999-12-31' as date))
),

bodies as (
    select
        episode_id_register,
        start_date,
        'police' as source,
        police_force_code as supplier_code,
    from forced
    union all
    select
        episode_id_register,
        start_date,
        'authority' as source,
        authority_code_dfe as supplier_code,
    from forced
),

covered as (
    select
        bodies.episode_id_register,
        count(case when spans.source = 'police' then 1 end) > 0 as is_police_covered,
        count(case when spans.source = 'authority' then 1 end) > 0
            as is_authority_covered,
    from bodies
    left join spans
        on
            bodies.source = spans.source
            and bodies.supplier_code = spans.supplier_code
            and bodies.start_date >= spans.covered_from_date
            and bodies.start_date <= spans.covered_to_date
    group by bodies.episode_id_register
),

final as (
    select
        forced.episode_id_register,
        forced.child_id_register,
        forced.start_date,
        care.care_status_code,
        care.legal_status_code,
        care.placement_key,
        care.placement_type_code,
        care.placement_provider_code,
        care.distance_miles,
        care.is_out_of_area,
        care.is_over_20_miles,
        care.placing_authority_code_dfe,
        care.placement_authority_code_dfe,
        care.host_police_force_code,
        forced.authority_code_dfe,
        forced.host_authority_code_dfe,
        forced.police_force_code,
        covered.is_police_covered,
        covered.is_authority_covered,
    from forced
    inner join covered on forced.episode_id_register = covered.episode_id_register
    left join care on forced.episode_id_register = care.episode_id_register
)

select * from final
