"""The true nation: people, care, absences and who was told. No source's record of it, no file."""
