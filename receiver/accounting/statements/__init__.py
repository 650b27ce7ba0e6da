"""Profit and loss, balance sheet and cash flow, and the items behind each figure."""
