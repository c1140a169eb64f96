-- A small, invented generation: two authorities, two forces, forty children, eighty episodes.
-- Every expectation passes on it; each test breaks one thing.
create schema register;
create schema agreement;
create schema quality;

create table register.dim_dates as
select
    cast(day as date) as date_day,
    '2025-26' as collection_year,
    day = date '2026-03-31' as is_collection_year_end
from range(date '2025-04-01', date '2026-04-01', interval 1 day) as days (day);

create table register.dim_authorities as
select * from (values
    ('213-1', '213', 'E09000033', 'Northborough', 'E12000007', 'London', 'E23000001', true),
    ('373-1', '373', 'E08000019', 'Steelford', 'E12000003', 'Yorkshire', 'E23000011', true),
    ('unknown', 'unknown', null, null, null, null, null, true)
) as rows (
    authority_version_id, authority_code_dfe, authority_code_ons, authority_name,
    region_code_ons, region_name, police_force_code, is_current
);

create table register.dim_police_forces as
select * from (values
    ('E23000001-1', 'E23000001', 'Capital Constabulary', true),
    ('E23000011-1', 'E23000011', 'Ridings Police', true)
) as rows (police_force_version_id, police_force_code, police_force_name, is_current);

create table register.dim_suppliers as
select * from (values
    ('E23000001', 'Capital Constabulary', 'police'),
    ('E23000011', 'Ridings Police', 'police'),
    ('213', 'Northborough', 'authority'),
    ('373', 'Steelford', 'authority'),
    ('DFE', 'Department for Education', 'publisher')
) as rows (supplier_code, supplier_name, supplier_type);

create table register.dim_rules as
select * from (values
    ('567', 'Ended before it started', 'return'),
    ('unknown_column', 'A column that the contract does not know', 'delivery'),
    ('shrunk_delivery', 'The delivery is much smaller than the last one', 'delivery'),
    ('malformed_xml', 'The file is not well-formed XML', 'delivery')
) as rows (rule_code, title, rule_family);

create table register.dim_reasons as
select * from (values
    ('D0', 'Unexplained'), ('D1', 'Missing from home'), ('D4', 'Not reported to police')
) as rows (reason_code, reason_name);

create table register.dim_categories as
select * from (values
    ('missing', 'Missing', 'missing'),
    ('no_apparent_risk', 'Missing with no apparent risk', 'whereabouts_known'),
    ('away', 'Away from placement without authorisation', 'whereabouts_known')
) as rows (category_code, category_name, comparison_code);

create table register.dim_deliveries as
select
    *,
    date '2025-10-01' as period_start,
    date '2025-12-31' as period_end,
    cast(null as varchar) as hold_rule_code
from (values
    ('police_reports-E23000001-2025-10-aaaaaaaaaaaa', 'E23000001', 'police_reports', '2025-10',
     timestamp '2025-11-03 09:00:00', 'accepted', 'current', cast(null as varchar)),
    ('police_reports-E23000011-2025-10-bbbbbbbbbbbb', 'E23000011', 'police_reports', '2025-10',
     timestamp '2025-11-04 09:00:00', 'accepted_with_quarantine', 'current', null),
    ('authority_extract-213-2025-Q4-cccccccccccc', '213', 'authority_extract', '2025-Q4',
     timestamp '2026-01-10 09:00:00', 'accepted', 'current', null),
    ('authority_extract-373-2025-Q4-dddddddddddd', '373', 'authority_extract', '2025-Q4',
     timestamp '2026-01-12 09:00:00', 'accepted', 'superseded', null),
    ('authority_return-213-2025-26-eeeeeeeeeeee', '213', 'authority_return', '2025-26',
     timestamp '2026-05-12 09:00:00', 'accepted', 'current', null)
) as rows (
    delivery_id, supplier_code, feed, period, received_at, outcome, status, reject_rule_code
);
