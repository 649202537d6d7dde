"""Tables of one's own: what stands in a file becomes the columns, the answers and the splits of a task.

packed_files.py    the text of a file: packed files, encodings, and files that are no CSV
sheet.py           from text to columns: separator, header, comments, row names
frames.py          from a pandas DataFrame or an array to columns
cells.py           the cells of a column: their different texts, and where each stands
notation.py        how the numbers or dates of a column are written
cell_numbers.py    the number that a cell says, also in an exported file
cell_dates.py      the days that a cell says, also in an exported file
sorts.py           what each column becomes: a number, a category, or nothing
answers.py         the classes or numbers to predict
leaks.py           columns that give the answer away, and the best accuracy that is possible
dividing.py        splits: by class, by group, in time
preparation.py     from rows to inputs, fitted once and used again
plain_source.py    the same as plain Python, for exported files
making.py          puts a task together
"""
