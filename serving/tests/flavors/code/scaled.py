"""A user's own code, as a class."""

from pathlib import Path

import numpy as np


class Scaled:
    def load(self, path):
        self.weights = np.load(Path(path) / "weights.npy")

    def predict(self, batch):
        return np.asarray(batch) @ self.weights
