"""Breaks in recording: the months from which a supplier's counts run at another level.

`recording_segments` divides every supplier's monthly counts into stretches of one level. Counting
is dbt's; what suppliers announced of their changes is `register.recording_changes`.
"""

from register.breaks.series import recording_segments

__all__ = ["recording_segments"]
