{#
    Agreement by area at each threshold. Children who are the same as in the register
    keep the register's rows; the absences of all other children are counted again. Two
    records of one absence that were not matched count in the area of the authority's
    record.

    A missed link affects all of a child's absences, so the variance needs squared
    counts per child. To join fewer rows to areas and populations, one row stands for
    all children who are alike: their absences of a year are all in one cell, with the
    same number of matched and of police-only absences. The few children with absences
    in several cells keep their rows.
#}
{% set cell = [
    'authority_code_dfe', 'police_force_code', 'collection_year', 'care_status_code',
    'is_out_of_area',
] %}
{% set grain = (
    'linkage_code, area_level_code, area_code, collection_year, population_code'
) %}
{% set recorded = [
    'status', 'category_police_code', 'category_authority_code', 'is_category_equal',
] %}
with

scoped as (
    select * from {{ ref('int_agreement_rows') }}
    where {{ function('is_in_scope') }}(start_date, care_status_code)
),

reasons as (
    select * from {{ ref('int_agreement_reasons') }}
),

apart as (
    select
        agreement_id,
        cause_code as kind_code,
    from {{ ref('int_missed_matches') }}
),

moved as (
    select distinct
        linkage_code,
        child_id_register,
    from {{ ref('int_children_reclustered') }}
),

recounted as (
    select * from {{ ref('int_linkage_rows') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

populations as (
    select * from {{ ref('ref__populations') }}
),

central as (
    select
        'central' as linkage_code,
        scoped.child_id_register as child_key,
        {% for column in cell[:-1] + recorded -%}
            scoped.{{ column }},
        {% endfor -%}
        scoped.care_status_code = 'looked_after'
        and coalesce(scoped.is_out_of_area, false) as is_out_of_area,
        {{ agreement_expectations('scoped') }},
        reasons.reason_code,
        apart.kind_code,
    from scoped
    left join reasons on scoped.agreement_id = reasons.agreement_id
    left join apart on scoped.agreement_id = apart.agreement_id
),

absences as (
    select * from central
    union all
    select
        linkage_code,
        child_key,
        {{ (cell[:-1] + recorded + cell[-1:]) | join(', ') }},
        is_police_expected,
        is_authority_expected,
        cast(null as varchar) as reason_code,
        cast(null as varchar) as kind_code,
    from recounted
),

counted as (
    select
        absences.linkage_code,
        absences.child_key,
        {% for column in cell %}
            absences.{{ column }},
        {% endfor %}
        {{ agreement_counts() }},
        count(
            case
                when
                    absences.is_police_expected
                    and absences.is_authority_expected
                    and absences.status = 'police_only'
                    then 1
            end
        ) as police_only_when_expected_count,
        {% for kind in ['timing', 'unit'] %}
            count(case when absences.kind_code = '{{ kind }}' then 1 end)
                as {{ kind }}_pair_count,
        {% endfor %}
    from absences
    left join categories as police_categories
        on absences.category_police_code = police_categories.category_code
    left join categories as authority_categories
        on absences.category_authority_code = authority_categories.category_code
    group by
        {% for column in cell %}
            absences.{{ column }},
        {% endfor %}
        absences.linkage_code,
        absences.child_key
),

thresholds as (
    select 'strict' as linkage_code
    union all
    select 'loose' as linkage_code
),

kept as (
    select * exclude (linkage_code)
    from counted
    where linkage_code = 'central'
),

child_counts as (
    select * from counted
    union all
    select
        thresholds.linkage_code,
        kept.*,
    from kept
    cross join thresholds
    left join moved
        on
            thresholds.linkage_code = moved.linkage_code
            and kept.child_key = moved.child_id_register
    where moved.child_id_register is null
),

celled as (
    select
        *,
        both_count + timing_pair_count + unit_pair_count as joined_count,
        count(*) over (
            partition by linkage_code, child_key, collection_year
        ) as cell_count,
    from child_counts
),

alike as (
    select
        linkage_code,
        {{ cell | join(', ') }},
        joined_count,
        police_only_count as alone_count,
        min(child_key) as child_key,
        count(*) as child_count,
        {{ linkage_count_sums() }}
    from celled
    group by
        linkage_code,
        {{ cell | join(', ') }},
        joined_count,
        police_only_count,
        case when cell_count > 1 then child_key end
),

peopled as (
    select
        alike.*,
        populations.population_code,
    from alike
    {{ join_populations('alike') }}
),

placed as (
    {{ placed_in_areas('peopled') }}
),

children as (
    select
        *,
        sum(joined_count) over child as child_joined,
        sum(alone_count) over child as child_alone,
    from placed
    window child as (partition by {{ grain }}, child_key)
),

final as (
    select
        {{ joined_key(grain.split(', ')) }} as agreement_cell_id,
        {{ grain }},
        {{ linkage_count_sums() }},
        count(distinct case when joined_count > 0 then child_key end)
        + {{ number_where('child_count - 1', 'joined_count > 0') }}
            as joined_children_count,
        cast(sum(child_count * joined_count * child_joined) as double)
            as joined_squares,
        cast(sum(child_count * alone_count * child_alone) as double)
            as police_only_squares,
    from children
    group by {{ grain }}
)

select * from final
