"""Lesson 12, learning to learn."""
