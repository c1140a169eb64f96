{# What a run creates first, compiled on its own: `register check` runs compiled rules without dbt. #}
{{ create_database_functions() }}
