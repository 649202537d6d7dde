"""Lesson 05, policy gradients: its exercises and its figures."""
