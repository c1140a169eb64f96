-- Whether the bodies that could have seen an episode have delivered for its first day.
-- Without a period of care the authority is that of the home, or else of where the
-- child went missing.
with

episodes as (
    select * from {{ ref('int_episode_ends_decided') }}
),

summaries as (
    select * from {{ ref('int_episode_reports_summarised') }}
),

care as (
    select * from {{ ref('int_episode_care_placed') }}
),

postcodes as (
    select * from {{ ref('int_postcodes_placed') }}
),

authorities as (
    select * from {{ ref('int_authorities_dated') }}
),

spans as (
    select * from {{ ref('int_supplier_spans_covered') }}
),

placed as (
    select
        episodes.episode_id_register,
        episodes.start_date,
        summaries.looked_after_flag_code,
        care.care_status_code,
        coalesce(
            care.placing_authority_code_dfe,
            summaries.reporting_authority_code_dfe,
            homes.authority_code_dfe,
            origins.authority_code_dfe
        ) as authority_code_dfe,
        coalesce(
            care.placement_authority_code_dfe,
            origins.authority_code_dfe,
            homes.authority_code_dfe,
            care.placing_authority_code_dfe,
            summaries.reporting_authority_code_dfe
        ) as host_authority_code_dfe,
        summaries.police_force_code as reporting_police_force_code,
        care.host_police_force_code,
    from episodes
    inner join summaries
        on episodes.episode_id_register = summaries.episode_id_register
    left join care on episodes.episode_id_register = care.episode_id_register
    left join postcodes as homes
        on {{ compact_postcode('summaries.home_postcode') }} = homes.postcode
    left join postcodes as origins
        on {{ compact_postcode('summaries.missing_from_postcode') }} = origins.postcode
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
        forced.*,
        covered.is_police_covered,
        covered.is_authority_covered,
    from forced
    inner join covered on forced.episode_id_register = covered.episode_id_register
)

select * from final
