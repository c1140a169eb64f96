{#
    Every coded column of every feed: its staging model, its name in the contract, the stem of its
    conformed column and the staging column that keeps the delivered code. `int_unmapped_codes` and
    the test that no code is lost read this list.

    Most entries are found in the models' calls of `code_columns` and `ethnicity_columns`, and in
    `police_codes`. Only columns that keep the delivered code under another name are listed here.
    dbt knows the calls only after parsing; before, the list lacks them. So a model that reads the
    list must name every model of `staged_feed_tables` as a parent.
#}
{% macro coded_source_columns() -%}
    {%- set found = [] -%}
    {%- set stem = "(?:'(\\w+)',\\s*)?" -%}
    {%- set call = "(?:code|(ethnicity))_columns\\(\\s*" ~ stem ~ "'landed\\.(\\w+)'" -%}
    {%- for model in staged_feed_tables() -%}
        {%- set node = graph.nodes['model.national_register.' ~ model] if execute -%}
        {%- set calls = modules.re.findall(call, node.raw_code) if execute else [] -%}
        {%- for ethnicity, stem, column_name in calls -%}
            {%- set stem = stem or ethnicity -%}
            {%- do found.append((model, column_name, stem, stem ~ '_source_code')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for stem, column_name, _ in police_codes() -%}
        {%- do found.append(
            ('stg_police_reports__reports', column_name, stem, stem ~ '_source_code')
        ) -%}
    {%- endfor -%}
    {%- for table, column_name, stem, source_column in [
        ('episodes', 'rne', 'start_reason', 'rne'),
        ('episodes', 'ls', 'legal_status', 'ls'),
        ('episodes', 'cin', 'need', 'cin'),
        ('episodes', 'place', 'placement_type', 'place'),
        ('episodes', 'place_provider', 'placement_provider', 'place_provider'),
        ('episodes', 'rec', 'ceased_reason', 'rec'),
        ('episodes', 'reason_place_change', 'place_change', 'reason_place_change'),
        ('missing', 'missing', 'category', 'missing_source_code'),
    ] -%}
        {%- do found.append((
            'stg_authority_return__' ~ table, column_name, stem, source_column
        )) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The staging models of the feeds: one for each table of a contract. #}
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
