"""The HTTP routes, a file for each thing they are about: thin, each answers only to the owner."""
