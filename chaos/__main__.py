"""`./run chaos`: starts PostgreSQL and sandboxes, deals histories out to workers, and says what they found."""

import sys

from chaos.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
