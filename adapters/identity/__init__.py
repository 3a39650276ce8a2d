"""Who may sign in, and as whom: passwords, one-time codes and sessions, apart from all events."""
