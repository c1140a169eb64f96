-- One source counts one long absence where the other counts several.
with

disagreements as (
    select * from {{ ref('int_disagreements') }}
),

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

alone as (
    select
        agreement_id,
        child_id_register,
        status,
        coalesce(police_start_lower_at, authority_start_lower_at) as start_lower_at,
        coalesce(
            police_end_upper_at,
            authority_end_upper_at,
            police_start_upper_at,
            authority_start_upper_at
        ) as until_at,
    from agreement_rows
    where status != 'both'
),

matched_rows as (
    {% for status, other, own in [
        ('police_only', 'authority', 'police'),
        ('authority_only', 'police', 'authority'),
    ] %}
        select
            agreement_id,
            child_id_register,
            '{{ status }}' as status,
            {{ other }}_start_lower_at as start_lower_at,
            coalesce({{ other }}_end_upper_at, {{ other }}_start_upper_at) as until_at,
            {{ own }}_report_count as report_count,
        from agreement_rows
        where status = 'both'
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A single-source absence that overlaps the other source's interval of an absence of
-- the child recorded by both.
neighbours as (
    select
        alone.agreement_id,
        min(matched_rows.agreement_id) as neighbour_agreement_id,
        max(matched_rows.report_count) as report_count,
    from alone
    inner join matched_rows
        on
            alone.child_id_register = matched_rows.child_id_register
            and alone.status = matched_rows.status
            and alone.start_lower_at < matched_rows.until_at
            and alone.until_at > matched_rows.start_lower_at
    group by alone.agreement_id
),

matched as (
    select
        agreement_id,
        'police '
        || cast(police_absence_count as varchar)
        || ', authority '
        || cast(authority_absence_count as varchar)
        || ' absences' as evidence,
        'strong' as strength,
    from disagreements
    where status = 'both' and not is_counted_alike
),

around as (
    select distinct
        disagreements.agreement_id,
        'an absence in one source alone lies within it' as evidence,
        'weak' as strength,
    from disagreements
    inner join neighbours
        on disagreements.agreement_id = neighbours.neighbour_agreement_id
    where disagreements.is_time_different
),

beside as (
    select
        disagreements.agreement_id,
        'within an absence that both hold' as evidence,
        'weak' as strength,
    from disagreements
    inner join neighbours on disagreements.agreement_id = neighbours.agreement_id
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
    from every_one
)

select * from final
