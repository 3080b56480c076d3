"""What Flask does around Dash: login, the gate, headers, health, downloads."""
