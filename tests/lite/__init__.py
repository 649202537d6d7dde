"""Tests of the lessons that run in a browser."""
