"""The receiver. Sums of amounts have more digits than Python's decimals keep unless told to."""

import decimal

EXACT = 200  # digits: a sum of very many of the contract's largest amounts, times a share

decimal.DefaultContext.prec = EXACT  # of threads that begin later
decimal.getcontext().prec = EXACT
