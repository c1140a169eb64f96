-- An extract lists legal statuses separately from episodes of care, with their own
-- dates. Its episodes are therefore split on each day on which the legal status
-- changes.
with

episodes as (
    select * from {{ ref('int_care_episodes') }}
),

legal_statuses as (
    select * from {{ ref('stg_authority_extract__ssd_legal_status') }}
    where legal_status_start_date is not null
),

changes as (
    select
        supplier_code,
        lega_person_id as person_id,
        legal_status_start_date as cut_date,
    from legal_statuses
    union distinct
    select
        supplier_code,
        lega_person_id,
        legal_status_end_date,
    from legal_statuses
    where legal_status_end_date is not null
),

cuts as (
    select
        supplier_code,
        person_id,
        episode_number,
        episode_end_date,
        legal_status_code,
        episode_start_date as spell_start_date,
    from episodes
    union distinct
    select
        episodes.supplier_code,
        episodes.person_id,
        episodes.episode_number,
        episodes.episode_end_date,
        episodes.legal_status_code,
        changes.cut_date,
    from episodes
    inner join changes
        on
            episodes.supplier_code = changes.supplier_code
            and episodes.person_id = changes.person_id
            and episodes.episode_start_date < changes.cut_date
            and (
                episodes.episode_end_date is null
                or episodes.episode_end_date > changes.cut_date
            )
    where episodes.legal_status_code is null
),

spells as (
    select
        *,
        lead(spell_start_date) over (
            partition by supplier_code, person_id, episode_number
            order by spell_start_date
        ) as next_spell_start_date,
    from cuts
),

statuses_in_force as (
    select
        spells.supplier_code,
        spells.person_id,
        spells.episode_number,
        spells.spell_start_date,
        legal_statuses.legal_status_code,
        row_number() over (
            partition by
                spells.supplier_code,
                spells.person_id,
                spells.episode_number,
                spells.spell_start_date
            order by
                legal_statuses.legal_status_start_date desc,
                legal_statuses._delivery_id desc,
                legal_statuses._file desc,
                legal_statuses._row_number desc
        ) as status_rank,
    from spells
    inner join legal_statuses
        on
            spells.supplier_code = legal_statuses.supplier_code
            and spells.person_id = legal_statuses.lega_person_id
            and spells.spell_start_date >= legal_statuses.legal_status_start_date
            and (
                legal_statuses.legal_status_end_date is null
                or spells.spell_start_date < legal_statuses.legal_status_end_date
            )
),

final as (
    select
        spells.supplier_code,
        spells.person_id,
        spells.episode_number,
        spells.spell_start_date,
        coalesce(spells.next_spell_start_date, spells.episode_end_date)
            as spell_end_date,
        coalesce(
            spells.legal_status_code, statuses_in_force.legal_status_code, 'unknown'
        ) as legal_status_code,
        spells.next_spell_start_date is null as is_end_of_episode,
    from spells
    left join statuses_in_force
        on
            spells.supplier_code = statuses_in_force.supplier_code
            and spells.person_id = statuses_in_force.person_id
            and spells.episode_number = statuses_in_force.episode_number
            and spells.spell_start_date = statuses_in_force.spell_start_date
            and statuses_in_force.status_rank = 1
)

select * from final
