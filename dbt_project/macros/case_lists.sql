{#
    Columns that describe an episode among its child's episodes on a case list: the first start, the
    number of episodes and the rank by start. The list shows the latest episode, which has rank 1.
#}
{% macro place_on_case_list() -%}
    min(start_date) over (partition by child_id_register) as since_date,
    count(*) over (partition by child_id_register) as episode_count,
    row_number() over (
        partition by child_id_register
        order by start_date desc, episode_id_register asc
    ) as recency_rank
{%- endmacro %}
