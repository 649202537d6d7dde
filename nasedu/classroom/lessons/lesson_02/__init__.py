"""Lesson 02, what one architecture is worth: its exercises and its figures."""
