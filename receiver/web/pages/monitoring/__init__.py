"""The health of connections, and their histories."""
