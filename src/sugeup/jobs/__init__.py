"""Work that changes the store: imports and the bundled sample."""
