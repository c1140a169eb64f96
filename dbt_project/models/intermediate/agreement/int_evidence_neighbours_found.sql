-- An absence in one source alone that overlaps with what the other source says of an
-- absence of the child that both hold.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows_gathered') }}
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

matched as (
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

final as (
    select
        alone.agreement_id,
        min(matched.agreement_id) as neighbour_agreement_id,
        max(matched.report_count) as report_count,
    from alone
    inner join matched
        on
            alone.child_id_register = matched.child_id_register
            and alone.status = matched.status
            and alone.start_lower_at < matched.until_at
            and alone.until_at > matched.start_lower_at
    group by alone.agreement_id
)

select * from final
