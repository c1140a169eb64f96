"""Speed and memory of the register's stages, each beside its floor in the same run.

Figures are ratios: machines are shared and noisy. Tests assert nothing of them.
"""
