{#
    Columns that place an episode among its child's on a case list: since when the child is on it,
    by how many episodes, and which is the latest (rank 1), the one that is listed.
#}
{% macro place_on_case_list() -%}
    min(start_date) over (partition by child_id_register) as since_date,
    count(*) over (partition by child_id_register) as episode_count,
    row_number() over (
        partition by child_id_register
        order by start_date desc, episode_id_register asc
    ) as recency_rank
{%- endmacro %}
