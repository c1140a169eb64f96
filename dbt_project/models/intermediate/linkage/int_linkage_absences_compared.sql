with

reports as (
    select * from {{ ref('int_linkage_absences_regrouped') }}
),

parameters as (
    {{ episode_parameters() }}
),

{% for source in ['police', 'authority'] %}
    {{ source }}_reports as (
        select * from reports
        where source = '{{ source }}'
    ),

    {{ source }}_bounds as (
        {{ absence_bounds(source ~ '_reports', 'absence_key') }}
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
