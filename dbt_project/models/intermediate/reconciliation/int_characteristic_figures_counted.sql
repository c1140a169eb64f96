-- Incidents by what describes the absence, children by what describes the child, who is
-- one within an authority; of one characteristic after the other.
with

absences as (
    select * from {{ ref('int_absences_by_source_labelled') }}
),

final as (
    {{ characteristic_figures('absences', 'incidents', [
        'age_band', 'duration_band', 'placement_group', 'boundary',
    ]) }}
    union all
    {{ characteristic_figures('absences', 'children', [
        'sex', 'ethnicity_group', 'ethnicity',
    ]) }}
)

select * from final
