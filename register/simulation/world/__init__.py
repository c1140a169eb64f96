"""The true nation: people, care, absences and who was told. No source's view of it, no file."""
