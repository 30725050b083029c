"""The random changes of `training.runs.augment` for a whole batch at once, on the device that the faces are on.

The same changes with the same ranges and probabilities, drawn from torch's generator: a run here sees other draws than
one of `train`, never another distribution. Pictures are float [N, 1, S, S] in 0..255.
"""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Generator, Tensor
from torch.nn import functional

from training.runs.augment import BLUR_MIN_PX, DARK_GAIN, DARK_GAMMA, DARK_NOISE, JPEG_BEST
from training.settings.config import Augmentation

Table = npt.NDArray[np.float32]
CHUNK = 4096
"""Faces that are changed together: some hundred megabytes of intermediate pictures."""
BLOCK_PX = 8
"""Of JPEG."""
LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""Steps of quality 50 (ITU-T T.81, table K.1); libjpeg scales them for other qualities."""


def draws(device: torch.device, seed: int, number: int) -> Generator:
    """The random numbers of epoch or view ``number`` of a run or of views with this seed."""
    return Generator(device).manual_seed(seed * 100_003 + number)


def changed(faces: Tensor, settings: Augmentation, random: Generator) -> Tensor:
    """Bytes [N, 1, S, S] of bytes [N, 1, S, S], each face changed on its own."""
    parts = [_changed(chunk.float(), settings, random) for chunk in torch.split(faces, CHUNK)]
    return torch.cat(parts)


def _changed(x: Tensor, settings: Augmentation, random: Generator) -> Tensor:
    draw = _Draws(len(x), random)
    x = warped(x, _jitter(x.shape[-1], settings, draw))
    x = _where(draw.chance(settings.blur), _blurred(x, settings, draw), x)
    px = draw.whole(settings.resample_min_px, x.shape[-1] - 1)
    x = _where(draw.chance(settings.resample), coarsened(x, px), x)
    gain = draw.even(-settings.contrast, settings.contrast).exp()
    mean = x.mean((1, 2, 3), keepdim=True)
    x = ((x - mean) * gain + mean + draw.even(-settings.brightness, settings.brightness)).clamp(0, 255)
    x = _where(draw.chance(settings.dark), _darkened(x, draw), x)
    x = _where(draw.chance(settings.jpeg), compressed(x, draw.whole(settings.jpeg_quality, JPEG_BEST)), x)
    return _where(draw.chance(settings.erase), _erased(x, draw), x).round().clamp(0, 255).to(torch.uint8)


class _Draws:
    """One number a face, as [N, 1, 1, 1]."""

    def __init__(self, count: int, random: Generator) -> None:
        self.count, self.random = count, random

    def even(self, low: float, high: float) -> Tensor:
        """Of [low, high)."""
        shape = (self.count, 1, 1, 1)
        return low + (high - low) * torch.rand(shape, generator=self.random, device=self.random.device)

    def whole(self, low: int, high: int) -> Tensor:
        """Of low..high, both included."""
        return self.even(low, high + 1).floor().clamp(max=high).long()

    def chance(self, probability: float) -> Tensor:
        """True with this probability."""
        return self.even(0, 1) < probability

    def noise(self, like: Tensor) -> Tensor:
        """Standard normal, one a pixel."""
        return torch.randn(like.shape, generator=self.random, device=self.random.device)


def _where(chosen: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return torch.where(chosen, one, other)


def _jitter(side: int, settings: Augmentation, draw: _Draws) -> Tensor:
    """[N, 2, 3], source to target between pixel centres, see `augment.jitter_matrix`."""
    angle = draw.even(-settings.rotation_deg, settings.rotation_deg) * (math.pi / 180)
    zoom = draw.even(-settings.scale, settings.scale).exp()
    lean = draw.even(-settings.shear, settings.shear)
    mirror = torch.where(draw.chance(settings.flip), -1.0, 1.0)
    along, across = zoom * angle.cos(), zoom * angle.sin()
    turn = torch.cat([torch.cat([along, along * lean + across], 3), torch.cat([-across, along - across * lean], 3)], 2)
    middle = (side - 1) / 2
    shift = torch.cat([draw.even(-settings.shift, settings.shift) for _ in range(2)], 2) * side
    matrix = torch.cat([turn, middle + shift - turn.sum(3, keepdim=True) * middle], 3)[:, 0]
    row = mirror[:, 0] * matrix[:, :1]
    row = row + torch.cat([torch.zeros_like(row[:, :, :2]), (mirror[:, 0] < 0) * float(side - 1)], 2)
    return torch.cat([row, matrix[:, 1:]], 1)


def warped(x: Tensor, matrix: Tensor) -> Tensor:
    """Each target pixel where ``matrix`` [N, 2, 3] (source to target) takes it from; outside, the edge is repeated."""
    side = x.shape[-1]
    back = torch.linalg.inv(matrix[:, :, :2])
    offset = -back @ matrix[:, :, 2:]
    axis = torch.arange(side, device=x.device, dtype=x.dtype)
    places = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), 2).reshape(1, -1, 2)
    source = places @ back.transpose(1, 2) + offset.transpose(1, 2)
    grid = (source * 2 / (side - 1) - 1).reshape(-1, side, side, 2)
    return functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _blurred(x: Tensor, settings: Augmentation, draw: _Draws) -> Tensor:
    widest = max(BLUR_MIN_PX, settings.blur_sigma_px)
    return blurred(x, draw.even(BLUR_MIN_PX, widest), radius=math.ceil(3 * widest))


def blurred(x: Tensor, sigma: Tensor, *, radius: int) -> Tensor:
    """A Gaussian blur of ``sigma`` [N, 1, 1, 1] px, the picture mirrored at its edges."""
    count, _, side, _ = x.shape
    away = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    kernel = (-(away**2) / (2 * sigma[:, 0, 0] ** 2)).exp()
    kernel = kernel / kernel.sum(1, keepdim=True)
    framed = functional.pad(x, (radius,) * 4, mode="reflect").reshape(1, count, side + 2 * radius, side + 2 * radius)
    once = functional.conv2d(framed, kernel.reshape(count, 1, 1, -1), groups=count)
    return functional.conv2d(once, kernel.reshape(count, 1, -1, 1), groups=count).reshape(x.shape)


def coarsened(x: Tensor, px: Tensor) -> Tensor:
    """Down to ``px`` [N, 1, 1, 1] pixels a side and up again, see `augment.coarsened`."""
    ways = torch.from_numpy(_down_and_up(x.shape[-1])).to(x)[px.flatten()]
    rows = (ways @ x[:, 0]).round()
    return (rows @ ways.transpose(1, 2)).round()[:, None]


@cache
def _down_and_up(side: int) -> Table:
    """[side + 1, side, side]: by px, what the two resizes do to a column of pixels, as OpenCV does it."""
    ways = np.zeros((side + 1, side, side), np.float32)
    column = np.eye(side, dtype=np.float32)
    for px in range(1, side + 1):
        small = cv2.resize(column, (side, px), interpolation=cv2.INTER_AREA)
        ways[px] = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    return ways


def _darkened(x: Tensor, draw: _Draws) -> Tensor:
    gamma, gain = draw.even(1, DARK_GAMMA), draw.even(DARK_GAIN, 1)
    noise = draw.noise(x) * draw.even(0, DARK_NOISE)
    return (255 * gain * (x / 255) ** gamma + noise).clamp(0, 255)


def compressed(x: Tensor, quality: Tensor) -> Tensor:
    """As JPEG of ``quality`` [N, 1, 1, 1] gives it back (baseline, grey); sides are multiples of 8 px."""
    side = x.shape[-1]
    turn = torch.from_numpy(_cosines(side)).to(x)
    table = torch.tensor(LUMINANCE, device=x.device, dtype=x.dtype).reshape(BLOCK_PX, BLOCK_PX)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2.0 * quality)
    steps = ((table * scale + 50) / 100).floor().clamp(1, 255).repeat(1, 1, side // BLOCK_PX, side // BLOCK_PX)
    kept = (turn @ (x.round() - 128) @ turn.T / steps).round() * steps
    return (turn.T @ kept @ turn + 128).round().clamp(0, 255)


@cache
def _cosines(side: int) -> Table:
    """[side, side]: the cosine transform of each block of 8."""
    k, n = np.arange(BLOCK_PX)[:, None], np.arange(BLOCK_PX)[None]
    block = np.cos(np.pi * (2 * n + 1) * k / (2 * BLOCK_PX)) * np.where(k == 0, np.sqrt(1 / 8), 0.5)
    return np.kron(np.eye(side // BLOCK_PX), block).astype(np.float32)


def _erased(x: Tensor, draw: _Draws) -> Tensor:
    side = x.shape[-1]
    axis = torch.arange(side, device=x.device)
    inside = torch.ones_like(x, dtype=torch.bool)
    for places in (axis.reshape(1, 1, -1, 1), axis.reshape(1, 1, 1, -1)):
        length = draw.whole(side // 6, side // 3)
        first = (draw.even(0, 1) * (side - length + 1)).floor()
        inside = inside & (places >= first) & (places < first + length)
    return torch.where(inside, draw.whole(0, 255).float(), x)
