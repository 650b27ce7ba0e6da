"""People and programs that may sign in or read: users, sessions, API tokens."""
