{{ config(pre_hook="{{ choose_landed_data_files() }}") }}

{%- do source('ledger', 'deliveries') -%}

with

landed_files as (
    select
        file_name as file_path,
        num_rows,
    from {{ read_landed_row_counts() }}
),

final as (
    select
        {{ path_folder_name('file_path') }} as delivery_id,
        {{ path_file_stem('file_path') }} as table_name,
        num_rows as row_count,
    from landed_files
    where {{ path_folder_name('file_path') }} != 'ledger'
)

select * from final
