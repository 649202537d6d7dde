"""Lesson 01, search spaces: its exercises and its figures."""
