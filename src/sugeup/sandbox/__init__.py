"""모의시장: a simulated Korean market with exact accounting and labelled events, and what is served from it."""
