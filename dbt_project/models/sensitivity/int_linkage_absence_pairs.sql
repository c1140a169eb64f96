with

regrouped as (
    select * from {{ ref('int_linkage_reports') }}
),

timestamp_profiles as (
    select * from {{ ref('int_case_system_timestamp_profiles') }}
),

parameters as (
    {{ episode_parameters(
        ref('ref__episode_parameters'), ref('ref__merge_tolerances')
    ) }}
),

reports as (
    select
        regrouped.*,
        timestamp_profiles.entry_delay_tolerance_hours as slack_hours,
    from regrouped
    left join timestamp_profiles
        on regrouped.supplier_code = timestamp_profiles.supplier_code
),

{% for source in ['police', 'authority'] %}
    {{ source }}_reports as (
        select * from reports
        where source = '{{ source }}'
    ),

    {{ source }}_bounds as (
        {{ absence_bounds(source ~ '_reports', 'absence_key', 'slack_hours') }}
    ),

    {{ source }}_absences as (
        {{ comparable_absences(source ~ '_bounds', 'child_id_register') }}
    ),

{% endfor %}
final as (
    {{ absence_pairs(
        'police_absences', 'authority_absences', 'parameters.across_hours'
    ) }}
)

select * from final
