"""Lesson 08, a fair race: its exercises and its figures."""
