import sys

from nasedu.lessons.command import main

sys.exit(main())
