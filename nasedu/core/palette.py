"""The colours of every picture, told apart by colour-blind eyes too.

Okabe and Ito, "Color Universal Design", 2008. Nothing is said by colour alone.
"""

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PURPLE, SKY, YELLOW, BLACK = "#cc79a7", "#56b4e9", "#f0e442", "#000000"
GREY = "#999999"

LINES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, "#8c6d1f")
"""For lines that are many: yellow is too pale for a line, and a brown stands in for it."""
