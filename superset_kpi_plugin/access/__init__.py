"""Who may do what: the one table of role x permission, and its way into Superset's roles."""
