"""What only authors of this repository use; it is not part of the installed package."""
