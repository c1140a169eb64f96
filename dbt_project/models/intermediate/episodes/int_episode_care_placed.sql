-- The spell of care on the day on which the episode starts: full care before a short
-- break, the authority that reported before another, then the spell that began last.
with

episodes as (
    select * from {{ ref('int_episode_ends_decided') }}
),

summaries as (
    select * from {{ ref('int_episode_reports_summarised') }}
),

mentions as (
    select * from {{ ref('int_child_crosswalk') }}
    where source = 'authority'
),

spells as (
    select * from {{ ref('int_care_spells_dated') }}
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
                        = summaries.reporting_authority_code_dfe
                        then 0
                    else 1
                end,
                spells.spell_start_date desc,
                spells.mention_key asc,
                spells.placement_key asc
        ) as preference_rank,
    from episodes
    inner join summaries
        on episodes.episode_id_register = summaries.episode_id_register
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

final as (
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
)

select * from final
