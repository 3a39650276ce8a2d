"""The AWS stacks: what each is made of, and what may be configured."""
