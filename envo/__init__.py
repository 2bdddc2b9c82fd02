"""The domain: photos, mattes, edits and the library. Knows no model and no web."""
