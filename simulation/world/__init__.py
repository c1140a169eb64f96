"""The true nation: people, care, absences and who was told. It has no records and no files."""
