"""Runs of the pull, which are its queue, their positions, and the workers."""
