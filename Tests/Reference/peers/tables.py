"""Tables in Markdown, as a page of documentation has them."""


def table(heading, rows):
    """Lines of a table: the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in heading[1:])]
    return [f"| {' | '.join(cells)} |" for cells in [heading, rule, *rows]]


def print_table(title, heading, rows):
    """Prints `rows` of text under `title` and `heading`."""
    print(f"\n{title}\n")
    print("\n".join(table(heading, rows)), flush=True)
