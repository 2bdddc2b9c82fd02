"""What the visitor sees: one file a tab; below them the HTTP routes and the work that these have done."""
