"""Every platform against the sandbox: what all of them promise, and what each has of its own."""
