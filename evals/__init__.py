"""Questions with known answers, to measure how well the tools serve a language model; not part of the package."""
