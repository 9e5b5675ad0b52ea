"""Programs that print what Skafu costs, against the budgets of the design (section 9)."""
