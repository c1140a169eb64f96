-- Agreement field by field. Police and authority values are compared for absences that
-- both sources recorded. Authorities record none of the police flags except a death. So
-- each flag of the first police report of an absence is compared with the later police
-- reports.
{% set fields = [
    'category', 'start', 'end', 'duration_band', 'looked_after', 'placement',
    'ethnicity', 'sex', 'birth_date', 'care_authority', 'fatal',
] %}
{% set lists = namespace(names=[], codes=[], firsts=[], seconds=[]) %}
{% for field in fields %}
    {% do lists.names.append("'" ~ field ~ "'") %}
    {% do lists.codes.append('agreement.' ~ field ~ '_agreement_code') %}
    {% set is_answer = field in ['looked_after', 'fatal'] %}
    {% do lists.firsts.append(
        'fields.' ~ field ~ '_police_code' if is_answer else 'null'
    ) %}
    {% do lists.seconds.append(
        'fields.' ~ field ~ '_authority_code' if is_answer else 'null'
    ) %}
{% endfor %}
{% set flags = namespace(names=[], codes=[], firsts=[], seconds=[]) %}
{% for flag in police_flags() %}
    {% set first = 'police_facts.' ~ flag ~ '_first_code' %}
    {% set second = 'police_facts.' ~ flag ~ '_other_code' %}
    {% do flags.names.append("'" ~ flag ~ "'") %}
    {% do flags.codes.append(
        function('agreement_code') ~ '(' ~ first ~ ', ' ~ second ~ ', ' ~ first ~ ' = ' ~ second ~ ')'
    ) %}
    {% do flags.firsts.append(first) %}
    {% do flags.seconds.append(second) %}
{% endfor %}
with

agreement as (
    select * from {{ ref('fct_agreement') }}
    where episode_id_register is not null
),

fields as (
    select * from {{ ref('int_agreement_fields') }}
),

police_facts as (
    select * from {{ ref('int_episode_police_facts') }}
),

areas as (
    select * from {{ ref('int_authority_areas') }}
),

compared as (
    select
        agreement.authority_code_dfe,
        agreement.police_force_code,
        agreement.collection_year,
        agreement.care_status_code = 'looked_after' as is_looked_after,
        'police_and_authority' as compared_code,
        {{ zipped_rows({
            'field_code': lists.names,
            'agreement_code': lists.codes,
            'first_code': lists.firsts,
            'second_code': lists.seconds,
        }) }},
    from agreement
    inner join fields on agreement.agreement_id = fields.agreement_id
    where agreement.status = 'both'
    union all
    select
        agreement.authority_code_dfe,
        agreement.police_force_code,
        agreement.collection_year,
        agreement.care_status_code = 'looked_after' as is_looked_after,
        'police_reports' as compared_code,
        {{ zipped_rows({
            'field_code': flags.names,
            'agreement_code': flags.codes,
            'first_code': flags.firsts,
            'second_code': flags.seconds,
        }) }},
    from agreement
    inner join police_facts
        on agreement.episode_id_register = police_facts.episode_id_register
),

-- Equal rows are counted before areas are joined. Most absences of an authority have
-- the same values, so far fewer rows are joined.
stated as (
    select
        *,
        count(*) as stated_count,
    from compared
    where agreement_code not in ('not_applicable', 'both_missing')
    group by all
),

placed as (
    {{ placed_in_areas('stated') }}
),

populated as (
    select
        *,
        'every_child' as population_code,
    from placed
    union all
    select
        *,
        'looked_after' as population_code,
    from placed
    where is_looked_after
),

counted as (
    select
        area_level_code,
        area_code,
        collection_year,
        population_code,
        compared_code,
        field_code,
        {{ number_where('stated_count', "agreement_code in ('equal', 'differs')") }}
            as compared_count,
        {% for code in [
            'equal', 'differs', 'police_missing', 'authority_missing'
        ] %}
            {{ number_where('stated_count', "agreement_code = '" ~ code ~ "'") }}
                as {{ code }}_count,
        {% endfor %}
        {% for cell, first, second in [
            ('both', 'yes', 'yes'), ('first', 'yes', 'no'), ('second', 'no', 'yes'),
            ('neither', 'no', 'no')
        ] %}
            {{ number_where(
                'stated_count',
                "first_code = '" ~ first ~ "' and second_code = '" ~ second ~ "'"
            ) }} as yes_by_{{ cell }}_count,
        {% endfor %}
    from populated
    group by
        area_level_code, area_code, collection_year, population_code, compared_code,
        field_code
),

final as (
    select
        {{ joined_key([
            'area_level_code', 'area_code', 'collection_year', 'population_code',
            'compared_code', 'field_code',
        ]) }} as field_agreement_id,
        *,
        {{ share_columns('equal_share', 'equal_count', 'compared_count') }},
        {% for measure in ['cohens_kappa', 'gwets_ac1'] %}
            {{ function(measure) }}(
                yes_by_both_count, yes_by_first_count, yes_by_second_count,
                yes_by_neither_count
            ) as {{ measure.split('_')[1] }},
            {{ function(measure ~ '_error') }}(
                yes_by_both_count, yes_by_first_count, yes_by_second_count,
                yes_by_neither_count
            ) as {{ measure.split('_')[1] }}_error,
        {% endfor %}
    from counted
)

select * from final
