"""Where secrets are kept: broker keys and tokens, encrypted, and known elsewhere by reference."""
