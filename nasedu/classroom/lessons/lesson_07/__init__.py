"""Lesson 07: surrogates."""
