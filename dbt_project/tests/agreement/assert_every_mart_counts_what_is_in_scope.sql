-- Fails if, in any year, a table of agreement has another national count than the rows
-- of `fct_agreement` in scope: for example because it counts short breaks or reports
-- without a start.
{% set area_marts = [
    ('agg_agreement_by_area_year', ['both_expected', 'both_when_expected']),
    ('agg_agreement_by_linkage', ['both_expected', 'both_when_expected']),
    ('agg_agreement_corrected_by_linkage', []),
] %}
{% set cell_marts = [
    'agg_agreement_by_authority_force_month', 'agg_agreement_by_authority_year',
] %}
{% set counts = ['total', 'both', 'police_only', 'authority_only'] %}
{% set expected = ['both_expected', 'both_when_expected'] %}
with

facts as (
    select
        collection_year,
        count(*) as total_count,
        count(case when status = 'both' then 1 end) as both_count,
        count(case when status = 'police_only' then 1 end) as police_only_count,
        count(case when status = 'authority_only' then 1 end) as authority_only_count,
        count(case when is_police_expected and is_authority_expected then 1 end)
            as both_expected_count,
        count(
            case
                when is_police_expected and is_authority_expected and status = 'both'
                    then 1
            end
        ) as both_when_expected_count,
    from {{ ref('fct_agreement') }}
    where is_in_scope
    group by collection_year
),

tolerances as (
    {{ merge_tolerances(ref('ref__merge_tolerances')) }}
),

published as (
    {% for mart, own in area_marts %}
        select
            '{{ mart }}' as mart_name,
            collection_year,
            {% for name in counts %}
                {{ name }}_count,
            {% endfor %}
            {% for name in expected %}
                {{ name ~ '_count' if name in own else 'null' }} as {{ name }}_count,
            {% endfor %}
        from {{ ref(mart) }}
        where
            area_level_code = 'nation'
            and population_code = 'every_child'
            {{ "and linkage_code = 'central'" if 'linkage' in mart }}
        union all
    {% endfor %}
    {% for mart in cell_marts %}
        select
            '{{ mart }}' as mart_name,
            collection_year,
            {% for name in counts + expected %}
                sum({{ name }}_count) as {{ name }}_count,
            {% endfor %}
        from {{ ref(mart) }}
        group by collection_year
        union all
    {% endfor %}
    select
        'agg_agreement_by_tolerance' as mart_name,
        counted.collection_year,
        {% for name in counts %}
            counted.{{ name }}_count,
        {% endfor %}
        null as both_expected_count,
        null as both_when_expected_count,
    from {{ ref('agg_agreement_by_tolerance') }} as counted
    inner join tolerances
        on
            tolerances.source = 'across'
            and counted.tolerance_days * 24 = tolerances.tolerance_hours
    where
        counted.authority_code_dfe = 'all'
        and counted.care_status_code = 'all'
        and counted.collection_year != 'all'
),

marts as (
    select distinct mart_name
    from published
),

final as (
    select
        marts.mart_name,
        coalesce(facts.collection_year, published.collection_year) as collection_year,
        facts.total_count as facts_count,
        published.total_count as published_count,
    from marts
    cross join facts
    full outer join published
        on
            marts.mart_name = published.mart_name
            and facts.collection_year = published.collection_year
    where
        published.mart_name is null
        or facts.collection_year is null
        {% for name in counts %}
            or published.{{ name }}_count != facts.{{ name }}_count
        {% endfor %}
        {% for name in expected %}
            or coalesce(published.{{ name }}_count, facts.{{ name }}_count)
            != facts.{{ name }}_count
        {% endfor %}
)

select * from final
