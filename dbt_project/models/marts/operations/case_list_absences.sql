-- The two organisations of one absence get a line each, with the same `line_reference`,
-- so that they can talk about it without names. The reference is the end of the key of
-- the founding report, of which published keys have only the beginning. References of
-- records and children are those of the organisation that gets the line.
with

agreement as (
    select * from {{ ref('fct_agreement') }}
),

episodes as (
    select * from {{ ref('fct_episodes') }}
),

placed as (
    select * from {{ ref('int_report_episodes') }}
),

crosswalk as (
    select * from {{ ref('int_child_crosswalk') }}
),

keys as (
    select * from {{ ref('int_source_keys') }}
),

actions as (
    select * from {{ ref('ref__reason_actions') }}
),

categories as (
    select * from {{ ref('ref__categories') }}
),

suppliers as (
    select * from {{ ref('dim_suppliers') }}
),

-- Absences that one source recorded and the other should have recorded.
absences as (
    select
        episodes.episode_id_register,
        episodes.child_id_register,
        episodes.start_date,
        episodes.end_date,
        episodes.is_open,
        episodes.category_code,
        agreement.source_status,
        agreement.reason_code,
        agreement.authority_code_dfe,
        agreement.police_force_code,
    from agreement
    inner join episodes
        on agreement.episode_id_register = episodes.episode_id_register
    where
        agreement.is_in_scope
        and (
            (
                agreement.source_status = 'police_only'
                and agreement.is_authority_expected
            )
            or (
                agreement.source_status = 'authority_only'
                and agreement.is_police_expected
            )
        )
),

lines as (
    select
        absences.*,
        actions.body_type_code,
        actions.probable_reason,
        actions.what_to_do,
        case actions.body_type_code
            when 'police' then absences.police_force_code
            else absences.authority_code_dfe
        end as body_code,
        case actions.body_type_code
            when 'police' then absences.authority_code_dfe
            else absences.police_force_code
        end as other_body_code,
        absences.source_status = actions.body_type_code || '_only'
            as is_recorded_by_body,
    from absences
    inner join actions
        on
            absences.reason_code = actions.reason_code
            and absences.source_status = actions.source_status
),

founders as (
    select distinct
        episode_id_register,
        upper(substring(founding_report_key, 25, 8)) as line_reference,
    from placed
),

-- A return has no references of absences.
report_references as (
    select distinct
        placed.episode_id_register,
        keys.supplier_code,
        keys.reference,
    from placed
    inner join keys on placed.report_key = keys.source_key
    where keys.issuer not like 'authority_return:%'
),

own_reports as (
    select
        episode_id_register,
        supplier_code,
        {{ dbt.listagg('reference', "' | '", 'order by reference') }}
            as report_references,
    from report_references
    group by episode_id_register, supplier_code
),

-- If a force gives no reference to a person, the key is made from the report's.
child_references as (
    select distinct
        crosswalk.child_id_register,
        keys.supplier_code,
        keys.reference,
    from crosswalk
    inner join keys on crosswalk.mention_key = keys.source_key
    where keys.reference not like 'report:%'
),

own_children as (
    select
        child_id_register,
        supplier_code,
        {{ dbt.listagg('reference', "' | '", 'order by reference') }}
            as child_references,
    from child_references
    group by child_id_register, supplier_code
),

final as (
    select
        {{ surrogate_key([
            'lines.body_type_code', 'lines.body_code', 'lines.episode_id_register',
        ]) }} as absence_line_id,
        lines.body_type_code,
        lines.body_code,
        bodies.supplier_name as body_name,
        cast(
            row_number() over (
                partition by lines.body_type_code, lines.body_code
                order by
                    lines.is_open desc,
                    categories.sort_order asc,
                    lines.start_date asc,
                    lines.episode_id_register asc
            ) as integer
        ) as urgency_rank,
        founders.line_reference,
        lines.is_recorded_by_body,
        lines.other_body_code,
        other_bodies.supplier_name as other_body_name,
        own_children.child_references,
        own_reports.report_references,
        lines.category_code,
        lines.start_date,
        lines.end_date,
        lines.is_open,
        lines.reason_code,
        lines.probable_reason,
        lines.what_to_do,
        lines.episode_id_register,
    from lines
    inner join suppliers as bodies on lines.body_code = bodies.supplier_code
    inner join suppliers as other_bodies
        on lines.other_body_code = other_bodies.supplier_code
    inner join categories on lines.category_code = categories.category_code
    inner join founders on lines.episode_id_register = founders.episode_id_register
    left join own_reports
        on
            lines.episode_id_register = own_reports.episode_id_register
            and lines.body_code = own_reports.supplier_code
    left join own_children
        on
            lines.child_id_register = own_children.child_id_register
            and lines.body_code = own_children.supplier_code
)

select * from final
