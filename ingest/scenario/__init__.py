"""The world the demo tells: eight workflows, twelve weeks, seven planted faults."""
