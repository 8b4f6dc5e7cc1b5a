"""Why spend moved between two windows: parts that add up to the move."""
