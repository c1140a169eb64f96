"""Breaks in recording: the months from which a supplier's counts run at another level.

Counting belongs in dbt, and the changes that suppliers announced in `register.recording_changes`.
"""

from register.breaks.series import find_recording_segments

__all__ = ["find_recording_segments"]
