-- Rule D6: an authority's year is carried over whole from the base of the version
-- before, or replaced whole where the episodes of enough children differ. A difference
-- between two releases is a count too.
{% set child_attributes = ['age_group', 'sex', 'ethnicity_major'] %}
{% set least_year = env_var('REGISTER_FIRST_REPLACED_YEAR', '0') %}
{% set most_children = env_var('REGISTER_REVISION_CHILDREN_MOST', '7') %}
with

drawn as (
    select * from {{ ref('fct_publication_episodes') }}
),

earlier as (
    {{ earlier_base('drawn') }}
),

earlier_years as (
    select distinct reporting_year from earlier
),

added as (
    select * from drawn
    except
    select * from earlier
),

removed as (
    select * from earlier
    except
    select * from drawn
),

changed as (
    select
        authority_code_dfe,
        reporting_year,
        child_id_register,
    from added
    union all
    select
        authority_code_dfe,
        reporting_year,
        child_id_register,
    from removed
),

replaced as (
    select
        authority_code_dfe,
        reporting_year,
    from changed
    where reporting_year >= {{ least_year }}
    group by authority_code_dfe, reporting_year
    having count(distinct child_id_register) > {{ most_children }}
),

carried as (
    select earlier.*
    from earlier
    left join replaced
        on
            earlier.authority_code_dfe = replaced.authority_code_dfe
            and earlier.reporting_year = replaced.reporting_year
    where replaced.authority_code_dfe is null
),

-- A child keeps the attributes that it has in the years that were carried over.
kept_attributes as (
    select
        child_id_register,
        reporting_year,
        {% for attribute in child_attributes %}
            min({{ attribute }}) as {{ attribute }},
        {% endfor %}
    from carried
    group by child_id_register, reporting_year
),

fresh as (
    select
        drawn.* replace (
            {% for attribute in child_attributes %}
                coalesce(kept_attributes.{{ attribute }}, drawn.{{ attribute }})
                    as {{ attribute }},
            {% endfor %}
        ),
    from drawn
    left join earlier_years on drawn.reporting_year = earlier_years.reporting_year
    left join replaced
        on
            drawn.authority_code_dfe = replaced.authority_code_dfe
            and drawn.reporting_year = replaced.reporting_year
    left join kept_attributes
        on
            drawn.child_id_register = kept_attributes.child_id_register
            and drawn.reporting_year = kept_attributes.reporting_year
    -- An episode that moved out of a year that was carried over is counted there still.
    left join carried on drawn.episode_id_register = carried.episode_id_register
    where
        (earlier_years.reporting_year is null or replaced.reporting_year is not null)
        and carried.episode_id_register is null
),

final as (
    select
        *,
        'carried' as revision_code,
    from carried
    union all by name
    select
        *,
        'replaced' as revision_code,
    from fresh
)

select * from final
