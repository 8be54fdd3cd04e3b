"""What is played and what must hold: the scenario model, loader, verbs, checks and the library."""
