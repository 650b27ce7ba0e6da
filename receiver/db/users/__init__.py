"""Who may sign in or read: users, sessions, API tokens."""
