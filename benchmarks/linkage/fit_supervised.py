"""A script that fits a classifier on labelled pairs, in the environment of `requirements.lock`.

It reads `train.npz` (features, labels) and `test.npz` (features) in a folder, and writes the
probability of each test pair to `predicted.npy`. It imports nothing from the register.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

SEED = 20261127


def main(folder: Path) -> None:
    """Fit gradient boosting on the training pairs and predict the test pairs."""
    train, test = np.load(folder / "train.npz"), np.load(folder / "test.npz")
    model = HistGradientBoostingClassifier(
        max_iter=400, learning_rate=0.05, l2_regularization=1.0, random_state=SEED
    )
    model.fit(train["features"], train["labels"])
    np.save(folder / "predicted.npy", model.predict_proba(test["features"])[:, 1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
