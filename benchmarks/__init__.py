"""Speed and memory of the register's stages, each with its floor, measured in the same run.

A floor is the least that an engine must do for the same result. Results are ratios, because
machines are shared and noisy. No test asserts them.
"""
