"""The audited build becomes the current generation."""
