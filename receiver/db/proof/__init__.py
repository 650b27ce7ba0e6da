"""Proofs, and the digests and sums that they compare."""
