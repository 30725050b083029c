"""One training run: its folder, sampling, augmentation, steps, checkpoints and history."""
