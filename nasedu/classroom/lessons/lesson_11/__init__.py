"""Lesson 11: differentiable search."""
