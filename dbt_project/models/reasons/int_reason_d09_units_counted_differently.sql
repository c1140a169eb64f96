-- One source records one long absence where the other records several.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

matched_rows as (
    {% for source in ['authority', 'police'] %}
        select
            agreement_id,
            child_id_register,
            '{{ source }}' as expected_source,
            {{ source }}_start_lower_at as start_lower_at,
            coalesce(
                {{ source }}_end_upper_at, {{ source }}_start_upper_at
            ) as until_at,
        from agreement_rows
        where status = 'both'
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- An expected absence that overlaps another absence of the child (the neighbour), which
-- both sources recorded. The neighbour's times are those of the source that was
-- expected to record the first absence.
neighbours as (
    select
        expected_records.agreement_id,
        expected_records.expected_source,
        expected_records.is_missed,
        min(matched_rows.agreement_id) as neighbour_agreement_id,
    from expected_records
    inner join matched_rows
        on
            expected_records.child_id_register = matched_rows.child_id_register
            and expected_records.agreement_id != matched_rows.agreement_id
            and expected_records.expected_source = matched_rows.expected_source
            and expected_records.recorded_start_at < matched_rows.until_at
            and expected_records.recorded_until_at > matched_rows.start_lower_at
    group by
        expected_records.agreement_id,
        expected_records.expected_source,
        expected_records.is_missed
),

-- Only matches in which the police count more absences than the authority. Where the
-- authority counts more, about half of the extra records are absences that the police
-- did not record.
matched as (
    select
        agreement_id,
        'police '
        || cast(police_absence_count as varchar)
        || ', authority '
        || cast(authority_absence_count as varchar)
        || ' absences' as evidence,
        'strong' as strength,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    where
        status = 'both'
        and not is_counted_alike
        and police_absence_count > authority_absence_count
),

around as (
    select distinct
        disagreements.agreement_id,
        'an absence in one source alone lies within it' as evidence,
        'weak' as strength,
        cast(null as varchar) as expected_source,
        true as is_missed,
    from disagreements
    inner join neighbours
        on disagreements.agreement_id = neighbours.neighbour_agreement_id
    where disagreements.is_time_different and neighbours.is_missed
),

beside as (
    select
        agreement_id,
        'within an absence that both recorded' as evidence,
        'weak' as strength,
        expected_source,
        is_missed,
    from neighbours
    where expected_source = 'authority'
),

every_one as (
    select * from matched
    union all
    select * from around
    union all
    select * from beside
),

final as (
    select
        agreement_id,
        'D9' as reason_code,
        strength,
        evidence,
        expected_source,
        is_missed,
    from every_one
)

select * from final
