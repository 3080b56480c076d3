"""Users, roles, permissions, home scopes, passwords and sessions."""
