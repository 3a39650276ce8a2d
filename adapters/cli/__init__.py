"""The command line `atp`: one file for each noun; main.py has the list of them."""
