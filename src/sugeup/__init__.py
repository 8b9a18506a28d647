"""수급: investor-flow intelligence for the Korean stock market."""
