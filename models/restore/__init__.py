"""Bring old photos back, step by step."""
