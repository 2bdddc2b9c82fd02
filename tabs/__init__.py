"""What the visitor sees: one file a tab, and the HTTP routes they share."""
