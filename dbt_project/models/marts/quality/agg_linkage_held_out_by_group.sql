-- Linkage quality of the pinned model on simulated nations that were not used in its
-- development. No row is measured in this home.
{% set names = {
    'all': 'All children',
    'unaccompanied': 'Unaccompanied',
    'other': 'Not unaccompanied',
    'english': 'English',
    'irish_scottish_welsh': 'Irish, Scottish, Welsh',
    'eastern_european': 'Eastern European',
    'albanian': 'Albanian',
    'iberian_latin': 'Iberian and Latin American',
    'caribbean': 'Caribbean',
    'west_african': 'West African',
    'arab_horn_afghan': 'Arab, Horn of Africa, Afghan',
    'indian': 'Indian',
    'pakistani_bangladeshi': 'Pakistani and Bangladeshi',
    'vietnamese_chinese': 'Vietnamese and Chinese',
    'without_strangers': 'Without planted strangers',
    'without_planted': 'Without planted cases',
    'lowest_fortieth': 'Authority below which a fortieth of authorities are',
} %}
with

held_out as (
    select * from {{ ref('ref__linkage_quality_held_out') }}
),

ethnicities as (
    select * from {{ ref('ref__ethnicities') }}
),

described as (
    select
        *,
        recall = min(recall) over (
            partition by linkage_code, scope_code, grouping_code, group_code
        ) as is_headline,
    from held_out
),

final as (
    select
        {{ surrogate_key([
            'described.nation_code', 'described.nation_seed', 'described.linkage_code',
            'described.scope_code', 'described.grouping_code', 'described.group_code',
        ]) }} as linkage_held_out_id,
        described.*,
        described.group_code as group_value,
        case described.group_code
            {% for code, name in names.items() %}
                when '{{ code }}' then '{{ name }}'
            {% endfor %}
            else coalesce(ethnicities.ethnicity_name, described.group_code)
        end as group_name,
    from described
    left join ethnicities on described.group_code = ethnicities.ethnicity_code
)

select * exclude (group_code) from final
