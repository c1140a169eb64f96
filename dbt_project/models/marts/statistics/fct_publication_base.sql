-- An authority's year is either carried over whole from the previous release, or taken
-- whole from this generation. See docs/reference/statistics/revisions.md.
{% set child_attributes = ['age_group', 'sex', 'ethnicity_major', 'unaccompanied'] %}
with

drawn as (
    select * from {{ ref('fct_publication_episodes') }}
),

replaced_years as (
    select * from {{ ref('fct_publication_replaced_years') }}
),

earlier as (
    {{ earlier_rows('fct_publication_base', 'drawn') }}
),

-- Columns that older releases lack. Their police category away means no apparent risk.
-- Without bands of hours, these follow from the two columns for over 24 hours. Narrower
-- bands, and facts that no older release counted, are this generation's for the same
-- absence, or else not known.
carried as (
    select
        earlier.* replace (
            case earlier.category_police
                when 'away' then 'no_apparent_risk'
                else earlier.category_police
            end as category_police,
            case
                when earlier.police_risk_level is not null
                    then earlier.police_risk_level
                when earlier.category_police = 'missing' then 'unknown'
                when earlier.category_police = 'away' then 'no_apparent'
                else 'none'
            end as police_risk_level,
            case
                when
                    earlier.start_month is null
                    and (earlier.hours_band, drawn.hours_band) in (
                        ('8_to_24_hours', '8_to_16_hours'),
                        ('8_to_24_hours', '16_to_24_hours'),
                        ('over_24_hours', 'over_48_hours')
                    )
                    then drawn.hours_band
                when earlier.hours_band is not null then earlier.hours_band
                when earlier.over_24_hours_lower = 'yes' then 'over_24_hours'
                when earlier.over_24_hours_upper = 'no' then 'up_to_24_hours'
                else 'unknown'
            end as hours_band,
            coalesce(earlier.start_month, drawn.start_month, 'unknown') as start_month,
            coalesce(earlier.outcome, drawn.outcome, 'unknown') as outcome,
            case
                when earlier.care_status = 'not_looked_after' then 'none'
                else coalesce(
                    earlier.legal_status, nullif(drawn.legal_status, 'none'), 'unknown'
                )
            end as legal_status,
            case
                when earlier.source_status = 'authority_only' then 'none'
                else coalesce(
                    earlier.trafficking_risk, nullif(drawn.trafficking_risk, 'none'),
                    'unknown'
                )
            end as trafficking_risk,
            max(coalesce(earlier.unaccompanied, drawn.unaccompanied, 'no')) over (
                partition by earlier.child_id_register, earlier.reporting_year
            ) as unaccompanied
        ),
    from earlier
    left join drawn on earlier.episode_id_register = drawn.episode_id_register
    left join replaced_years
        on
            earlier.authority_code_dfe = replaced_years.authority_code_dfe
            and earlier.reporting_year = replaced_years.reporting_year
    where replaced_years.authority_code_dfe is null
),

-- A child has one age group, sex and ethnic group per year. If some of a child's
-- episodes of the year are carried over, the values of these episodes apply to the
-- child's other episodes too.
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
    inner join replaced_years
        on
            drawn.authority_code_dfe = replaced_years.authority_code_dfe
            and drawn.reporting_year = replaced_years.reporting_year
    left join kept_attributes
        on
            drawn.child_id_register = kept_attributes.child_id_register
            and drawn.reporting_year = kept_attributes.reporting_year
    -- An episode that is still counted in a carried-over year is not counted again.
    left join carried on drawn.episode_id_register = carried.episode_id_register
    where carried.episode_id_register is null
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
