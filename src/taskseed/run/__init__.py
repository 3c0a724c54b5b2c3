"""Where and in which order the stages run."""
