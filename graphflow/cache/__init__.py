"""What has been computed: keys, traces, the ledger that keeps them, the shelves that keep values."""
