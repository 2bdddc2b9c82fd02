"""What goes on behind the routes: threads, queues, progress. It knows nothing of the web."""
