"""Lesson 13, few examples: exercises, figures, and what was measured over several trainings."""
