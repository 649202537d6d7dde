"""Lesson 06, evolution and swarms: its exercises and its figures."""
