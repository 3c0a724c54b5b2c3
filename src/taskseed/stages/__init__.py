"""One module per stage; they never import each other."""
