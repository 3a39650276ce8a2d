"""Zerodha: the trader's account through Kite Connect."""
