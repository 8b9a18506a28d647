"""Looking after sugeup itself: what keeps it from working, and what to do about it."""
