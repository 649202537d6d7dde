"""Lesson 04, tabular Q-learning: its exercises and its figures."""
