"""Options, and yes or no. Pure."""
