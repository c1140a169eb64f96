{#
    Every value that a source gives for an attribute of a child: attribute, table, value, and how
    two ways of writing one value are told to be the same.
#}
{% set attributes = [
    ('name', 'versions',
     "nullif(coalesce(forenames, '') || '|' || coalesce(surname, ''), '|')"),
    ('birth_date', 'versions', 'cast(birth_date as varchar)'),
    ('sex', 'versions', "nullif(nullif(sex_code, 'unknown'), 'unmapped')"),
    ('ethnicity', 'versions', "nullif(nullif(ethnicity_code, 'unknown'), 'unmapped')"),
    ('ethnicity_group', 'versions',
     "nullif(nullif(ethnicity_group_code, 'unknown'), 'unmapped')"),
    ('uasc', 'versions', "case when is_uasc then 'true' end"),
    ('home_postcode', 'addresses', 'postcode'),
    ('authority', 'care', 'authority_code_dfe'),
    ('placement', 'care', "nullif(placement_type_code, 'unknown')"),
    ('placement_postcode', 'care', 'placement_postcode'),
] %}
with

versions as (
    select
        *,
        cast(null as date) as stated_on,
        cast(null as date) as ended_on,
    from {{ ref('int_person_versions_collected') }}
),

addresses as (
    select * from {{ ref('int_person_addresses_collected') }}
),

care as (
    select
        *,
        cast(null as date) as ended_on,
    from {{ ref('int_person_care_collected') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

given as (
    {% for attribute, table, value in attributes %}
        select
            mention_key,
            '{{ attribute }}' as attribute_code,
            {{ value }} as attribute_value,
            source,
            source_rank,
            stated_on,
            ended_on,
            known_at,
            _delivery_id,
            _row_number,
        from {{ table }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        crosswalk.child_id_register,
        given.*,
        case
            when given.attribute_code = 'name'
                then {{ words_of('given.attribute_value') }}
            else given.attribute_value
        end as value_key,
    from given
    inner join crosswalk on given.mention_key = crosswalk.mention_key
    where given.attribute_value is not null
)

select * from final
