-- Absences that a source was expected to record. If the source missed the absence
-- (`is_missed`), the row needs a reason. If both sources recorded it, it belongs to the
-- comparison group. A source is expected to record only days that it has delivered, and
-- an authority only looked-after children.
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
    where episode_id_register is not null
),

systems as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

final as (
    {% for source, other, supplier in [
        ('police', 'authority', 'police_force_code'),
        ('authority', 'police', 'authority_code_dfe'),
    ] %}
        select
            agreement_rows.*,
            agreement_rows.agreement_id || '|{{ source }}' as expected_record_id,
            '{{ source }}' as expected_source,
            agreement_rows.{{ supplier }} as expected_supplier_code,
            agreement_rows.status != 'both' as is_missed,
            agreement_rows.{{ other }}_start_lower_at as recorded_start_at,
            -- Null if the times are those at which an authority's workers did their
            -- work: the time between two pieces of work does not measure how long a
            -- child was away.
            case
                when
                    '{{ source }}' = 'authority'
                    or agreement_rows.authority_is_dated_only
                    or not coalesce(systems.is_administrative, false)
                    then {{ function('hours_between') }}(
                        agreement_rows.{{ other }}_start_lower_at,
                        agreement_rows.{{ other }}_end_lower_at
                    )
            end as recorded_hours,
            coalesce(
                agreement_rows.{{ other }}_end_upper_at,
                agreement_rows.{{ other }}_start_upper_at
            ) as recorded_until_at,
        from agreement_rows
        left join systems
            on agreement_rows.authority_supplier_code = systems.supplier_code
        where
            agreement_rows.status in ('both', '{{ other }}_only')
            and coalesce(agreement_rows.is_{{ source }}_covered, false)
            {% if source == 'authority' %}
                and agreement_rows.care_status_code = 'looked_after'
            {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
