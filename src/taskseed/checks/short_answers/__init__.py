"""Short answers: names, dates, amounts and terms in the forms that people give them. Pure."""
