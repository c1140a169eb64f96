"""Breaks in recording: months from which a supplier's counts stay at another level.

Reports are counted in dbt. Changes that suppliers announced are in `register.recording_changes`.
"""

from register.breaks.series import find_recording_segments

__all__ = ["find_recording_segments"]
