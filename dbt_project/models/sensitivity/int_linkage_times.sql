-- Time differences between the sources for absences that both recorded, at each
-- threshold. Children who are the same as in the register keep its matches; the other
-- children's reports are matched again.
{% set cell = [
    'authority_code_dfe', 'police_force_code', 'collection_year', 'care_status_code',
] %}
{% set bounds = [
    'police_start_lower_at', 'police_start_upper_at', 'police_end_lower_at',
    'police_end_upper_at', 'authority_start_lower_at', 'authority_start_upper_at',
    'authority_end_lower_at', 'authority_end_upper_at',
] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where status = 'both' and {{ function('is_in_scope') }}(
        start_date, care_status_code
    )
),

regrouped as (
    select * from {{ ref('int_linkage_rows') }}
    where status = 'both'
),

moved_children as (
    select distinct
        linkage_code,
        child_id_register,
    from {{ ref('int_children_reclustered') }}
),

thresholds as (
    {% for linkage in ['strict', 'central', 'loose'] %}
        select '{{ linkage }}' as linkage_code
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- No child changes at the central threshold, because it is the register's own.
held_by_both as (
    select
        thresholds.linkage_code,
        agreement_rows.episode_id_register as absence_key,
        {% for column in cell + bounds %}
            agreement_rows.{{ column }},
        {% endfor %}
        coalesce(agreement_rows.is_out_of_area, false) as is_out_of_area,
    from agreement_rows
    cross join thresholds
    left join moved_children
        on
            thresholds.linkage_code = moved_children.linkage_code
            and agreement_rows.child_id_register = moved_children.child_id_register
    where moved_children.child_id_register is null
    union all
    select
        linkage_code,
        absence_key,
        {{ (cell + bounds) | join(', ') }},
        is_out_of_area,
    from regrouped
),

bounded as (
    select
        *,
        police_end_lower_at is not null
        and authority_end_lower_at is not null as is_end_known,
        {% for source in ['police', 'authority'] %}
            greatest({{ function('hours_between') }}(
                {{ source }}_start_upper_at, {{ source }}_end_lower_at
            ), 0.0) as {{ source }}_hours_lower,
            {{ function('hours_between') }}(
                {{ source }}_start_lower_at, {{ source }}_end_upper_at
            )
                as {{ source }}_hours_upper,
        {% endfor %}
    from held_by_both
),

final as (
    select
        linkage_code,
        absence_key,
        {{ cell | join(', ') }},
        is_out_of_area,
        {% for event in ['start', 'end'] %}
            cast({{ function('signed_hours_apart') }}(
                police_{{ event }}_lower_at,
                police_{{ event }}_upper_at,
                authority_{{ event }}_lower_at,
                authority_{{ event }}_upper_at
            ) as double) as {{ event }}_difference_hours,
        {% endfor %}
        case
            when is_end_known then authority_hours_lower - police_hours_upper
        end as duration_difference_lower_hours,
        case
            when is_end_known
                then
                    (
                        authority_hours_lower - police_hours_upper
                        + authority_hours_upper - police_hours_lower
                    ) / 2
        end as duration_difference_middle_hours,
        case
            when is_end_known then authority_hours_upper - police_hours_lower
        end as duration_difference_upper_hours,
    from bounded
)

select * from final
