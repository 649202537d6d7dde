"""Lesson 10, shared weights: its exercises, its figures, and what was measured for it over several seeds."""
