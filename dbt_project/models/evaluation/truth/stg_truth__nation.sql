{{ config(materialized='ephemeral') }}
{%- do source('truth', 'nation') -%}

with

nation as (
    {% if has_truth('nation') %}
        select
            profile,
            seed,
        from {{ read_truth('nation') }}
    {% else %}
        -- The home has no file `nation`: it is not simulated, or was simulated by an
        -- older version.
        select
            cast(null as varchar) as profile,
            cast(null as bigint) as seed,
    {% endif %}
),

final as (
    select
        cast(profile as varchar) as simulation_profile,
        cast(seed as bigint) as simulation_seed,
    from nation
)

select * from final
