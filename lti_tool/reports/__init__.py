"""Numbers carried out of the tool: files of what the pages show, from the same page objects."""
