import sys

try:
    from tools.lessons.command import main
except ModuleNotFoundError as error:
    sys.exit(f"{error}; what builds lessons comes with: .venv/bin/pip install -c constraints.txt -e '.[dev]'")

sys.exit(main())
