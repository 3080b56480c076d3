"""The invented organisation: five homes, 821 people, two years of rotas. Nobody in it exists."""
