"""The audit trail: append-only, hash-chained, with a sealed head. See `chain` for what it can and can't detect."""
