{#
    Every coded column of every feed: its staging model, its name in the contract, the stem of its
    conformed column and the staging column that keeps the delivered code. `int_unmapped_codes`
    and the test that no code is lost read this one list.
#}
{% macro coded_source_columns() -%}
    {%- set found = [] -%}
    {%- set police = 'stg_police_reports__reports' -%}
    {%- for column_name, stem in {
        'sex': 'sex', 'missing_from_location_type': 'location_type', 'category': 'category',
        'risk_initial': 'risk_initial', 'risk_highest': 'risk_highest',
        'risk_final': 'risk_final', 'is_looked_after': 'looked_after_flag',
        'reported_by': 'reported_by', 'found_by': 'found_by', 'cse_flag': 'cse_flag',
        'cce_flag': 'cce_flag', 'trafficking_flag': 'trafficking_flag',
        'mental_health_flag': 'mental_health_flag', 'harm_flag': 'harm_flag',
        'is_fatal': 'fatal_flag', 'ethnicity': 'ethnicity',
    }.items() -%}
        {%- do found.append((police, column_name, stem, stem ~ '_source_code')) -%}
    {%- endfor -%}
    {%- for table, columns in {
        'ssd_person': {
            'pers_sex': 'sex', 'pers_ethnicity': 'ethnicity', 'pers_upn_unknown': 'upn_unknown',
        },
        'ssd_linked_identifiers': {'link_identifier_type': 'identifier_type'},
        'ssd_cla_episodes': {
            'clae_cla_episode_start_reason': 'start_reason',
            'clae_cla_primary_need_code': 'need',
            'clae_cla_episode_ceased_reason': 'ceased_reason',
        },
        'ssd_legal_status': {'lega_legal_status': 'legal_status'},
        'ssd_cla_placement': {
            'clap_cla_placement_type': 'placement_type',
            'clap_cla_placement_provider': 'placement_provider',
        },
        'ssd_missing': {
            'miss_missing_episode_type': 'category',
            'miss_missing_rhi_offered': 'interview_offered',
            'miss_missing_rhi_accepted': 'interview_accepted',
        },
        'return_interviews': {'accepted': 'accepted', 'is_independent': 'independent'},
    }.items() -%}
        {%- for column_name, stem in columns.items() -%}
            {%- do found.append((
                'stg_authority_extract__' ~ table, column_name, stem, stem ~ '_source_code'
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for table, column_name, stem, source_column in [
        ('header', 'sex', 'sex', 'sex_source_code'),
        ('header', 'ethnic', 'ethnicity', 'ethnicity_source_code'),
        ('episodes', 'rne', 'start_reason', 'rne'),
        ('episodes', 'ls', 'legal_status', 'ls'),
        ('episodes', 'cin', 'need', 'cin'),
        ('episodes', 'place', 'placement_type', 'place'),
        ('episodes', 'place_provider', 'placement_provider', 'place_provider'),
        ('episodes', 'rec', 'ceased_reason', 'rec'),
        ('episodes', 'reason_place_change', 'place_change', 'reason_place_change'),
        ('missing', 'missing', 'category', 'missing_source_code'),
        ('uasc', 'sex', 'sex', 'sex_source_code'),
    ] -%}
        {%- do found.append((
            'stg_authority_return__' ~ table, column_name, stem, source_column
        )) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The staging models of the feeds' tables: one per table of the contracts. #}
{% macro staged_feed_tables() -%}
    {{ return([
        'stg_police_reports__reports',
        'stg_authority_extract__ssd_person',
        'stg_authority_extract__ssd_linked_identifiers',
        'stg_authority_extract__ssd_address',
        'stg_authority_extract__ssd_cla_episodes',
        'stg_authority_extract__ssd_legal_status',
        'stg_authority_extract__ssd_cla_placement',
        'stg_authority_extract__ssd_immigration_status',
        'stg_authority_extract__ssd_missing',
        'stg_authority_extract__return_interviews',
        'stg_authority_extract__ssd_version',
        'stg_authority_return__header',
        'stg_authority_return__episodes',
        'stg_authority_return__missing',
        'stg_authority_return__uasc',
        'stg_published_statistics__figures',
    ]) }}
{%- endmacro %}
