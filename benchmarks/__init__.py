"""Speed and memory of the register's stages, each beside its floor, measured in the same run.

A stage's floor is the least work that an engine must do for the same result. Results are ratios,
because machines are shared and noisy. No test asserts them.
"""
