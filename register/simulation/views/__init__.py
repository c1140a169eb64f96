"""Each source's own view of the world, with its errors, rendered in that source's format."""
