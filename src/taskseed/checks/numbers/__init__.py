"""Numbers with units: reading them, and saying exactly whether two state one quantity. Pure."""
