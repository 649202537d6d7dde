"""Lesson 14: learned optimisers."""
