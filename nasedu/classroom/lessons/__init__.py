"""What serves one lesson alone, a folder for each: its questions and exercises, and its figures."""
