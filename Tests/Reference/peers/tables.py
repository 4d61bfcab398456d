"""Plain tables."""


def verdict(met):
    return "met" if met else "MISSED"


def print_table(title, heading, rows):
    """Prints `rows` of text under `heading`: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [heading, *rows]) for column in range(len(heading))]
    print(f"\n{title}")
    for row in [heading, *rows]:
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
