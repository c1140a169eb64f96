-- Statistics by area of the invented generation, with the columns that are shown; `contracts.py`
-- holds them to the real ones.
create table agreement.agg_measures_by_area_year as
select
    'nation' as area_level_code,
    'E92000001' as area_code,
    '2025-26' as collection_year,
    population_code,
    basis_code,
    children_count,
    episode_count,
    children_count as missing_children_count,
    episode_count as missing_episode_count,
    3 as away_children_count,
    4 as away_episode_count,
    2 as no_apparent_risk_children_count,
    2 as no_apparent_risk_episode_count,
    0 as category_not_known_children_count,
    0 as category_not_known_episode_count,
    5 as over_24_hours_children_count_lower,
    9 as over_24_hours_children_count_upper,
    6 as over_24_hours_episode_count_lower,
    10 as over_24_hours_episode_count_upper,
    date '2026-03-31' as police_delivered_to_date,
    date '2025-12-31' as authority_delivered_to_date,
    false as is_year_delivered
from (values
    ('every_child', 'register', 40, 80),
    ('every_child', 'police', 38, 76),
    ('every_child', 'authority', 31, 60),
    ('looked_after', 'register', 30, 60)
) as rows (population_code, basis_code, children_count, episode_count);

create table agreement.agg_agreement_by_area_year as
select
    area_level_code,
    area_code,
    collection_year,
    population_code,
    both_count + police_only_count + authority_only_count as total_count,
    both_count,
    police_only_count,
    authority_only_count,
    both_count + authority_only_count as both_expected_count,
    both_count as both_when_expected_count,
    both_share as both_when_expected_share,
    both_share - 0.06e0 as both_when_expected_share_lower,
    least(both_share + 0.04e0, 1.0e0) as both_when_expected_share_upper,
    (both_share + 0.93e0) / 2 as both_when_expected_share_shrunk,
    0.98e0 as category_equal_share,
    0.91e0 as category_equal_share_lower,
    0.99e0 as category_equal_share_upper,
    0.87e0 as positive_agreement,
    0.62e0 as category_kappa,
    0.95e0 as category_ac1
from (values
    ('nation', 'E92000001', 'every_child', 56, 20, 4, 0.933e0),
    ('nation', 'E92000001', 'looked_after', 56, 0, 4, 0.933e0),
    ('region', 'E12000007', 'every_child', 30, 10, 0, 1.0e0),
    ('authority', '213', 'every_child', 30, 10, 0, 1.0e0),
    ('authority', '373', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '384', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '815', 'every_child', 26, 10, 4, 0.867e0),
    ('authority', '816', 'every_child', 26, 10, 4, 0.867e0),
    ('police_force', 'E23000001', 'every_child', 56, 20, 4, 0.933e0)
) as rows (
    area_level_code, area_code, population_code, both_count, police_only_count,
    authority_only_count, both_share
)
cross join (values ('2024-25'), ('2025-26')) as years (collection_year);

create table agreement.agg_capture_recapture_by_area_year as
select
    'nation' as area_level_code,
    '2025-26' as collection_year,
    'looked_after' as population_code,
    'central' as linkage_code,
    60 as seen_count,
    odds_ratio,
    dependence_statement,
    60.0e0 + odds_ratio as absence_estimate,
    60.0e0 as absence_estimate_lower,
    64.0e0 as absence_estimate_upper,
    60.0e0 + odds_ratio as corrected_absence_estimate,
    60.0e0 as corrected_absence_estimate_lower,
    66.0e0 as corrected_absence_estimate_upper,
    0.9e0 as police_known_share,
    0.85e0 as police_known_share_lower,
    0.92e0 as police_known_share_upper,
    0.95e0 as authority_known_share,
    0.9e0 as authority_known_share_lower,
    0.97e0 as authority_known_share_upper
from (values
    (1.0e0, 'The two sources are independent'), (4.0e0, 'A report to one leads to the other')
) as rows (odds_ratio, dependence_statement);
