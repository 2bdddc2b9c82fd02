"""A whole archive at once, without the app: what the app makes of one photo is made of each, on all cores or a cluster.

    python -m models.batch tag ~/Photos ~/tags

See `docs/batch.md`. Results are the app's, for the very functions make them that the app calls (`works`).
"""
