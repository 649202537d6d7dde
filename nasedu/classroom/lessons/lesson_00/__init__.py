"""Lesson 00, a search in ten minutes: its exercises and its figures."""
