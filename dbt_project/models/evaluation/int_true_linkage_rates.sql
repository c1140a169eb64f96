{{ config(materialized='ephemeral') }}

with

pairs as (
    select * from {{ ref('int_true_pairs') }}
    where scope_code = 'between'
),

reports as (
    {{ linkable_reports(ref('int_report_intervals')) }}
),

spells as (
    select * from {{ ref('int_care_spells') }}
),

pair_absences as (
    {{ linked_absences('pairs') }}
),

final as (
    {{ link_rates('pair_absences') }}
)

select * from final
