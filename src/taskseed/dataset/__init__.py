"""Training text, card and attribution."""
