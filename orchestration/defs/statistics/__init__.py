"""The published generation given to the tools that analysts have."""
