"""Telling traders outside of the inbox: mail, text messages, chats and web hooks."""
