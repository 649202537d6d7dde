"""Lesson 03, the loop: its exercises and its figures."""
