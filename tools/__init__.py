"""What authors of the course use; not in the wheel."""
