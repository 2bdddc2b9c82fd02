"""What looks at a photo and understands it. One folder or file a capability; knows no web."""
