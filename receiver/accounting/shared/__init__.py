"""What reports share: the company, periods, columns, balances between dates, amounts as shown."""
