"""Three invented systems that no layout of the project reads, with the files that onboard them."""
