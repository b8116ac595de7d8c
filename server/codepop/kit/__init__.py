"""Pure Python that every feature may use: no Django, no input or output."""
