"""Lanes that workers on many machines share; those of one machine are in `adapters.lane`."""
