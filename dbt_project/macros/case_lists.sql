{#
    Columns that describe an episode among its child's episodes on a case list: since when the child
    is on the list, with how many episodes, and the rank of each. The latest has rank 1 and is the
    one listed.
#}
{% macro place_on_case_list() -%}
    min(start_date) over (partition by child_id_register) as since_date,
    count(*) over (partition by child_id_register) as episode_count,
    row_number() over (
        partition by child_id_register
        order by start_date desc, episode_id_register asc
    ) as recency_rank
{%- endmacro %}
