"""Speed as ratios: each figure against a bare baseline that does the same work in the same run."""
