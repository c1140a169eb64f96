"""Publishing: whole generations of the register, swapped in at once and kept by count.

What the marts hold belongs in `dbt_project`; when a generation is made belongs in `orchestration`.
"""
