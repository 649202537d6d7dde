import sys

from tools.lite.command import main

sys.exit(main())
