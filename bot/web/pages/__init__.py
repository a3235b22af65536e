"""The pages that people look at: routes, templates and the files they need."""
