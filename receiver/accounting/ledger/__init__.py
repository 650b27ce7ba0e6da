"""The general ledger and the trial balance."""
