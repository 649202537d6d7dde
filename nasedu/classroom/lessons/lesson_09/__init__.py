"""Lesson 09, less training: its exercises and its figures."""
