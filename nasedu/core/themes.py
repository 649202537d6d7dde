"""Light and dark pages: what makes a page dark, and which colours change there.

A picture is drawn with INK on PAPER. On a dark page its ink and paper change places; the colours of data stay.
JupyterLab, VS Code and pages with `data-theme` say themselves what they are; for others the system's choice counts.
"""

INK, PAPER = "#222222", "#ffffff"
DARK_INK, DARK_PAPER = "#e6e6e6", "#111111"
"""The ground of JupyterLab's dark theme, and a text on it."""

_DARK = ('body[data-jp-theme-light="false"]', "body.vscode-dark", 'html[data-theme="dark"]')
_UNSAID = 'html:not([data-theme]) body:not([data-jp-theme-light],[class*="vscode-"])'


def on_dark(selector: str, declarations: str) -> str:
    """Return a style sheet that applies to elements on a dark page only; paper is light, so that a print is, too."""
    said = ",".join(f"{page} {selector}" for page in _DARK)
    body = f"{{{declarations}}}"
    unsaid = f"@media (prefers-color-scheme:dark){{{_UNSAID} {selector}{body}}}"
    return f"@media not print{{{said}{body}{unsaid}}}"
