import sys

try:
    from tools.site.command import main
except ModuleNotFoundError as error:
    sys.exit(f"{error}; what builds the site comes with: .venv/bin/pip install -c constraints.txt -e '.[dev]'")

sys.exit(main())
