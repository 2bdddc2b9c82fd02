"""The web server around the routes: who asks, from where, for how much, and below which path."""
