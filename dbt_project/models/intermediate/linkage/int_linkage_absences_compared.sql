with

regrouped as (
    select * from {{ ref('int_linkage_absences_regrouped') }}
),

slacks as (
    select * from {{ ref('int_supplier_slacks_known') }}
),

parameters as (
    {{ episode_parameters() }}
),

reports as (
    select
        regrouped.*,
        slacks.slack_hours,
    from regrouped
    left join slacks on regrouped.supplier_code = slacks.supplier_code
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
