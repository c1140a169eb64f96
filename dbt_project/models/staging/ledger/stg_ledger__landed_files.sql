{{ config(pre_hook="{{ choose_landed_data_files() }}") }}

with

landed_files as (
    select
        file_name as file_path,
        num_rows,
    from {{ read_landed_row_counts() }}
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

final as (
    select
        deliveries.delivery_id,
        {{ path_file_stem('landed_files.file_path') }} as table_name,
        landed_files.num_rows as row_count,
    from landed_files
    inner join deliveries
        on {{ path_folder_name('landed_files.file_path') }} = deliveries.delivery_id
)

select * from final
