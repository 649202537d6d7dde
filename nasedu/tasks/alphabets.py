"""The characters of each script that are classes here: DejaVu has them, and they still differ at 12x12 pixels.

They are listed, not computed, so that a class is the same letter with all versions of Python, Unicode and the fonts.
The list was made in this way:

1. Take the letters and digits of the script. Drop those that Unicode composes of others (except in Hebrew, where
   pointed forms count).
2. Draw each in the first face that has it, upright, at 12x12 pixels; the longer side fills nine tenths.
3. Go from the most common letter to the rarest. Drop a letter if over 55% of its image would be ink. Also drop it if
   its difference from an earlier letter is a fifth of the ink or less.

This difference is the sum over the pixels, as a share of the mean ink of the two letters. It is the least over shifts
of one pixel and over strokes of other thickness.

An upper and a lower case letter of one shape are therefore one letter; if their shapes differ, both are in the list.
Canadian syllabics differ by their rotation.
"""

from nasedu.core import UnknownName, unknown


def _characters(codes: str) -> tuple[str, ...]:
    runs = (code.partition("-") for code in codes.split())
    return tuple(chr(n) for low, _, high in runs for n in range(int(low, 16), int(high or low, 16) + 1))


_CODES = {
    "arabic": """
        0621 0627-062C 062E-0633 0635-0637 0639-063A 0641-0649 0661-0669 066F 0674 0679 067B-067D 0681 0688-068B
        068D-068F 0691-0695 0697-0698 069A 069C 069E 06A0 06A2 06A4-06A5 06A8-06AA 06AD-06AF 06B2-06BE 06C6-06C8
        06CB 06CE 06D0 06F4-06F6
    """,
    "armenian": """
        0531-0541 0543-054B 054E-0550 0552-0556 0561-0565 0567-0571 0573-0581 0583-0586
    """,
    "braille": """
        2801-283E 2840-284E 2850-285A 285C 285E 2860-286A 286C 286E 2870-2876 2878 287A 287C 287F-288E 2890-289A
        289C 289E 28A0-28AA 28AC 28AE 28B0-28B6 28B8 28BA 28BC 28BF-28C6 28C8-28CA 28CC 28CF-28D2 28D4 28D6 28D8
        28DB 28DD 28E0-28E2 28E4 28E6 28E8 28EB 28ED 28F0 28F2 28F4 28F7 28F9 28FE
    """,
    "canadian-syllabics": """
        1401-1406 140A-1410 1412-1414 1417-1418 141A 141E-1426 1428-1434 1438-143C 143E 1441 1443-1445 1447-144A
        144C-1451 1455-145B 145D-145E 1461-1462 1465-1467 1469 146B-1478 147A-147B 147E-1480 1482 1485-1496
        1498-1499 149C-149D 14A0-14BA 14C0-14C5 14C7-14CB 14CD 14D0 14D2-14D8 14DA-14E4 14E6-14EA 14EC-14F8
        14FA-14FD 1500 1503-1507 1510-1513 1515 151B-151E 1521-1522 1525-1532 1534-1536 1539-153A 153C-153D
        1541-154D 1552-155A 155C-1567 156A 1574-157C 157E-157F 1581-1583 1585 158A-1593 1595-1596 15A0 15A2-15AD
        15DE 15E1 1646-1647 166F-1676
    """,
    "cyrillic": """
        0402 0404-0406 0408-040B 040F-0411 0413-0418 041A-042B 042D-0432 0434-0435 043B-0441 0443-0444 0446-044D
        044F 0452 0454 0458-045B 045F-0464 0466-046A 046C-0471 0474 0478-047A 047C-0481 048A-048E 0490-0492 0494
        0496 0498-049A 049D-04A4 04A6-04AC 04AE-04AF 04B2-04BC 04BE-04BF 04C3 04C5-04C7 04C9-04CB 04CD-04CE
        04D4-04D5 04D8 04E0-04E1 04F6-04F7 04FA-04FD 04FF-0500 0502-0506 0508-0510 0512-051C 0520-0522 0524-0525
        A644 A646 A64C-A64D A650-A651 A654 A656-A657 A662-A664 A666-A667 A66A-A66C A66E A68A A68D
    """,
    "georgian": """
        10A0-10C5 10D0-10ED 10EF-10FA 2D00-2D25
    """,
    "greek": """
        0370 0372-0373 0376 037B-037C 0391-039A 039C-039E 03A0-03A1 03A3-03A9 03B1-03C9 03CF 03D7-03E4 03E6-03E8
        03EA-03EE 03F3 03F7-03F8 03FA-03FE 1D26-1D29
    """,
    "hebrew": """
        05D0-05DE 05E0 05E2-05EA 05F0-05F2 FB1D FB1F-FB28 FB2A FB2E-FB2F FB35-FB36 FB39 FB4C-FB4F
    """,
    "lao": """
        0E81-0E82 0E84 0E87-0E88 0E8A 0E8D 0E94-0E97 0E99-0E9E 0EA1-0EA3 0EA5 0EA7 0EAA-0EAB 0EAD-0EB0 0EB2 0EBD
        0EC0-0EC4 0ED0-0ED4 0ED6-0ED9
    """,
    "latin": """
        0030-0039 0041-005A 0061-0068 006A-006B 006D-0072 0074-0075 0079 00C6 00D0 00D8 00DE-00DF 00E6 00F0 00F8
        00FE 0111 0126-0127 0138 0141 014A-014B 0152-0153 0180-0181 0184-0188 018A-018B 018D-0196 0198 019B-019D
        01A2-01A4 01A6-01A7 01A9-01AD 01B1-01B4 01B6-01BA 01BC-01BF 01C1-01C2 01E4-01E5 01F6-01F7 021C 0221-0225
        0234-0236 0238-0244 0246-0252 0254-0258 025A 025D-0260 0262-0265 0267-0268 026A-0273 0277-0283 0285-028A
        028C-028E 0290-0297 029A-02A0 02A3-02AF 2C60-2C61 2C63-2C6C 2C6E 2C71-2C75 2C77 2C79-2C7A 2C7E-2C7F
    """,
    "lisu": """
        A4D0-A4ED A4F0-A4F7
    """,
    "nko": """
        07C0-07C7 07C9-07D6 07D8-07DA 07DC-07E5
    """,
    "old-italic": """
        10300-10304 10306-1031E
    """,
    "tifinagh": """
        2D30-2D3F 2D41-2D4D 2D4F-2D50 2D52-2D53 2D55-2D58 2D5A-2D5C 2D5E 2D60-2D64
    """,
}

SCRIPTS: dict[str, tuple[str, ...]] = {script: _characters(codes) for script, codes in _CODES.items()}
"""Names of scripts, and the characters of each in the order of their Unicode numbers."""

ALIKE = ("cyrillic", "greek", "latin", "lisu")
"""Scripts that share many shapes: hold out all of them or none."""


def letters(script: str) -> tuple[str, ...]:
    """Return the characters of a script. Raise UnknownName, with a list of the scripts that exist."""
    if script not in SCRIPTS:
        raise UnknownName(unknown("script", script, SCRIPTS))
    return SCRIPTS[script]
