"""The HTTP API: what Odoos send (``ingest.py``), and what programs read, a room each."""
