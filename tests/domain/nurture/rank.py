"""Whether a sum of cells follows from known ones: by the rank of a matrix, apart from the product's own solving."""

import numpy as np


def follows(places, known, those):
    """Whether the sum of `those` cells follows from the sums of each of `known`."""
    at = {place: no for no, place in enumerate(places)}

    def row(cells):
        made = np.zeros(len(at))
        made[[at[cell] for cell in cells]] = 1
        return made

    rows = np.array([row(cells) for cells in known] or [np.zeros(len(at))])
    return np.linalg.matrix_rank(np.vstack([rows, row(those)])) == np.linalg.matrix_rank(rows)
