"""Account mapping: reporting structures and their lines."""
