"""Lesson 15, meta-learned architecture search: its exercises and its figures."""
