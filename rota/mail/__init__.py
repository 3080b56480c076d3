"""Mail that leaves: the outbox and its delivery, editable templates, scheduled sending."""
