"""What a workflow will cost in production: what is known of it, what is asked, and the answer."""
