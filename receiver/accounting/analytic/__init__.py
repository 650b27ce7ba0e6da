"""The result by analytic account, and the items behind each figure."""
