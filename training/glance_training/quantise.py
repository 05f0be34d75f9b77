"""Rounding of weights and activations to 8-bit integers."""

import numpy as np

# Processors without VNNI add pairs of 8-bit products in 16 bits; weights of 7 bits cannot overflow there.
WEIGHT_RANGE = 63
TINY = 1e-12


def quantise_rows(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Float [rows, columns] -> int8 values of the same shape and float32 scales [rows]; value * scale restores."""
    scales = np.maximum(np.abs(matrix).max(axis=1), TINY).astype(np.float32) / 127
    values = np.clip(np.round(matrix / scales[:, None]), -127, 127).astype(np.int8)
    return values, scales


def quantise_columns(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Float [inputs, outputs] -> int8 values within +-63 and float32 scales [outputs]."""
    scales = np.maximum(np.abs(matrix).max(axis=0), TINY).astype(np.float32) / WEIGHT_RANGE
    values = np.clip(np.round(matrix / scales), -WEIGHT_RANGE, WEIGHT_RANGE).astype(np.int8)
    return values, scales


def activation_scale(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """Scale and zero point that map [low, high], widened to hold zero, onto uint8."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max(high - low, TINY) / 255)
    return scale, np.uint8(np.clip(np.round(-low / scale), 0, 255))
