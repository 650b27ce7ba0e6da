"""How large a request to the receiver may be: what stands before it is known by trying alone.

A request that failed is tried again with half as much, and what arrived lets the next ones grow.
"""

LARGEST_KIB = 960  # unless told otherwise: nginx refuses what is above 1 MiB, unless told otherwise
MOST_KIB = 1024 * 1024  # that may be told: more does not fit into the run's column
KIB = 1024
MARGIN = 0.9  # of what is aimed at, for other records compress otherwise
GROWTH = 1.25
TELLING_BYTES = 64 * KIB  # what is smaller does not tell how others compress


class Aim:
    """``bytes`` is what the next request should not be above, compressed."""

    def __init__(self, largest_kib=LARGEST_KIB):
        self._ratios = {}  # {kind: compressed bytes by byte, as they were last}
        self.begin(largest_kib)

    def begin(self, largest_kib, bytes=None):
        """Begin with what got through so far, if anything was tried."""
        self._largest = largest_kib * KIB
        self.bytes = min(bytes or self._largest, self._largest)

    def size_of(self, kind, size):
        """How much of something so large to compress for one request."""
        ratio = self._ratios.get(kind)
        return max(int(self.bytes * MARGIN / ratio), 1) if ratio else size

    def learn(self, kind, size, compressed_bytes, is_all):
        """How well the kind compresses; what is left over at the end tells little."""
        if not is_all or size >= TELLING_BYTES or compressed_bytes > self.bytes:
            self._ratios[kind] = compressed_bytes / max(size, 1)

    def failed(self, compressed_bytes):
        self.bytes = max(min(self.bytes, compressed_bytes) // 2, 1)

    def refused(self, compressed_bytes):
        """For its size: so large a one is not tried again by this process."""
        self.failed(compressed_bytes)
        self._largest = self.bytes

    def arrived(self, compressed_bytes, is_all):
        """What is left over at the end, and small, tells nothing about large ones."""
        if not is_all or compressed_bytes > self.bytes // 2:
            self.bytes = min(int(self.bytes * GROWTH) + 1, self._largest)
