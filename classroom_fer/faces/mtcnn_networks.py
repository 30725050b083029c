"""MTCNN's three networks with facenet-pytorch's weights, fed from an integral image. Needs torch.

What makes it fast, and why the numbers stay those of ``facenet_pytorch.MTCNN`` (up to float rounding):

* facenet-pytorch shrinks with adaptive average pooling: every output pixel is the plain mean of a rectangle of input
  pixels. All of them, for pyramid levels and crops alike, come from one integral image with four reads each.
* ``channels_last`` memory, in which P-Net takes less than half the time (measured: 65 against 145 ms
  at 649x1153, one thread).
* P-Net's first layer and the 2x2 maximum after it become one stride-2 convolution with four outputs per channel and
  the largest of the four; its softmax over two classes becomes the difference of two logits.
* Levels are cut into strips and crops into small batches, which stay in a core's cache and are independent, so that
  threads share them out (see ``mtcnn.py``) instead of meeting after every layer.
* Batches have few fixed sizes, so that torch compiles few kernels and memory stays flat.

Every function here may be called by several threads at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import Tensor
from torch.nn import functional
from torchvision.ops import nms

from classroom_fer.faces.boxes import Floats, Ints
from classroom_fer.faces.mtcnn_boxes import bin_edges
from classroom_fer.lesson.records import Image

PIXEL_RANGE = 128.0
PIXEL_MEAN = 127.5
"""The networks were trained on (pixel - 127.5) / 128."""
REFINE_PX = 24
"""Side of R-Net's input."""
OUTPUT_PX = 48
"""Side of O-Net's input."""
BATCH_STEP = 8
"""Batches are filled up to a multiple of this, so that there are few shapes."""


class AreaSampler:
    """Shrinks an image, or rectangles of it, by plain means of whole pixels (adaptive average pooling)."""

    def __init__(self, image: Image) -> None:
        """Args: RGB [H, W, 3]; int32 sums wrap beyond 8.4 megapixels, which differences undo."""
        self._sums = torch.from_numpy(cv2.integral(np.ascontiguousarray(image), sdepth=cv2.CV_32S))
        self.height, self.width = image.shape[:2]

    @torch.inference_mode()
    def level(self, height: int, width: int, rows: slice) -> Tensor:
        """``rows`` of the image shrunk to ``height`` x ``width``: pixel / 128, float32 [1, 3, rows, width]."""
        top, bottom = (torch.from_numpy(edge[rows]) for edge in bin_edges(self.height, height))
        left, right = (torch.from_numpy(edge) for edge in bin_edges(self.width, width))
        bands = self._sums.index_select(0, bottom).sub_(self._sums.index_select(0, top))
        sums = bands.index_select(1, right).sub_(bands.index_select(1, left)).float()
        share = ((bottom - top)[:, None] * (right - left)).float().mul_(PIXEL_RANGE).reciprocal_()
        return sums.mul_(share[:, :, None])[None].permute(0, 3, 1, 2)

    @torch.inference_mode()
    def crops(self, bounds: Ints, side: int) -> Tensor:
        """Rectangles ``bounds`` [N, 4] (none empty), each at ``side`` x ``side``: float32 [N, 3, side, side] of
        pixel / 128, channels last."""
        left, right = self._edges(bounds[:, 0], bounds[:, 2], side)
        top, bottom = self._edges(bounds[:, 1], bounds[:, 3], side)
        stride = self.width + 1
        flat = self._sums.view(-1, 3)

        def corner(rows: Tensor, columns: Tensor) -> Tensor:
            return flat.index_select(0, (rows[:, :, None] * stride + columns[:, None, :]).view(-1))

        sums = corner(bottom, right).sub_(corner(top, right)).sub_(corner(bottom, left)).add_(corner(top, left))
        pixels = (bottom - top)[:, :, None] * (right - left)[:, None, :]
        share = pixels.float().mul_(PIXEL_RANGE).reciprocal_()
        return sums.float().view(*share.shape, 3).mul_(share[..., None]).permute(0, 3, 1, 2)

    @staticmethod
    def _edges(start: Ints, end: Ints, side: int) -> tuple[Tensor, Tensor]:
        first, last = bin_edges(end - start, side)
        return torch.from_numpy(first + start[:, None]), torch.from_numpy(last + start[:, None])


class Networks:
    """P-, R- and O-Net, ready for ``AreaSampler``'s output. Not trainable."""

    def __init__(self) -> None:
        """Raises: OSError, RuntimeError and friends of ``torch.load`` where weights are missing or broken."""
        self._proposal = _ProposalNet(PNet())
        self._refine = _prepare(RNet())
        self._output = _prepare(ONet())

    def sampler(self, image: Image) -> AreaSampler:
        """The image, ready to be shrunk."""
        return AreaSampler(image)

    def suppress(self, boxes: Floats, scores: Floats, limit: float) -> Ints:
        """Indices, best first, of the boxes that no better one overlaps by more than ``limit`` (IoU)."""
        kept: Ints = nms(torch.from_numpy(boxes), torch.from_numpy(scores), limit).numpy()
        return kept

    def own_this_thread(self) -> None:
        """To be called once by each thread that will use the networks: they do not split their work any further."""
        torch.set_num_threads(1)

    @torch.inference_mode()
    def propose(self, level: Tensor, threshold: float, first_row: int) -> tuple[Ints, Ints, Floats, Floats]:
        """Rows [K], columns [K], scores [K] and offsets [K, 4] of P-Net's cells with score >= ``threshold``.

        Args:
            level: a level or a strip of one [1, 3, H, W], both sides at least 12.
            first_row: cell row of its first row.
        """
        rows, columns, scores, offsets = self._proposal(level, threshold)
        return rows + first_row, columns, scores, offsets

    @torch.inference_mode()
    def refine(self, sampler: AreaSampler, bounds: Ints) -> tuple[Floats, Floats]:
        """R-Net's scores [N] and offsets [N, 4] of the rectangles ``bounds`` [N, 4], none of them empty."""
        offsets, scores = _padded(self._refine, sampler.crops(bounds, REFINE_PX))
        return scores[:, 1].numpy(), offsets.numpy()

    @torch.inference_mode()
    def output(self, sampler: AreaSampler, bounds: Ints) -> tuple[Floats, Floats, Floats]:
        """O-Net's scores [N], offsets [N, 4] and landmarks [N, 10] of the rectangles ``bounds`` [N, 4]."""
        offsets, landmarks, scores = _padded(self._output, sampler.crops(bounds, OUTPUT_PX))
        return scores[:, 1].numpy(), offsets.numpy(), landmarks.numpy()


class _ProposalNet:
    """P-Net, rearranged."""

    def __init__(self, net: PNet) -> None:
        net = _prepare(net)
        channels = net.conv1.out_channels
        kernel = torch.zeros(4, channels, 3, 4, 4)
        for place in range(4):
            row, column = divmod(place, 2)
            kernel[place, :, :, row : row + 3, column : column + 3] = net.conv1.weight
        self._kernel = kernel.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        self._bias = net.conv1.bias.repeat(4)
        self._slope = net.prelu1.weight.repeat(4)
        self._half = 2 * channels
        self._rest = torch.nn.Sequential(net.conv2, net.prelu2, net.conv3, net.prelu3)
        classes = net.conv4_1
        self._class_weight = (classes.weight[1] - classes.weight[0]).flatten().contiguous()
        self._class_bias = float(classes.bias[1] - classes.bias[0])
        self._offset_weight = net.conv4_2.weight.flatten(1).t().contiguous()
        self._offset_bias = net.conv4_2.bias

    def __call__(self, level: Tensor, threshold: float) -> tuple[Ints, Ints, Floats, Floats]:
        features = self._rest(self._first_layer(level)).permute(0, 2, 3, 1)[0]
        width = features.shape[1]
        features = features.reshape(-1, features.shape[2])
        logits = torch.mv(features, self._class_weight).add_(self._class_bias)
        hits = (logits >= math.log(threshold / (1 - threshold))).nonzero()[:, 0]
        offsets = torch.addmm(self._offset_bias, features.index_select(0, hits), self._offset_weight)
        scores = torch.sigmoid(logits.index_select(0, hits))
        rows, columns = np.divmod(hits.numpy(), width)
        return rows, columns, scores.numpy(), offsets.numpy()

    def _first_layer(self, level: Tensor) -> Tensor:
        """conv1, prelu1 and pool1 (2x2, incomplete windows count)."""
        odd_rows, odd_columns = level.shape[2] % 2, level.shape[3] % 2
        if odd_rows or odd_columns:
            level = functional.pad(level, (0, odd_columns, 0, odd_rows))
        four = functional.prelu(functional.conv2d(level, self._kernel, self._bias, stride=2), self._slope)
        upper, lower = four[:, : self._half], four[:, self._half :]
        if odd_rows:
            lower[:, :, -1] = upper[:, :, -1]
        tall = torch.maximum(upper, lower, out=upper)
        left, right = tall[:, : self._half // 2], tall[:, self._half // 2 :]
        if odd_columns:
            right[:, :, :, -1] = left[:, :, :, -1]
        return torch.maximum(left, right)


def _prepare(net: torch.nn.Module) -> torch.nn.Module:
    """``net`` in channels_last, its first layer taking pixel / 128 instead of (pixel - 127.5) / 128."""
    net = net.eval().requires_grad_(False)
    first = net.get_submodule("conv1")
    first.get_parameter("bias").sub_(first.get_parameter("weight").sum(dim=(1, 2, 3)) * (PIXEL_MEAN / PIXEL_RANGE))
    return net.to(memory_format=torch.channels_last)


def _padded(net: Callable[[Tensor], tuple[Tensor, ...]], crops: Tensor) -> list[Tensor]:
    """What ``net`` says of ``crops``, computed with their number rounded up to BATCH_STEP."""
    missing = -len(crops) % BATCH_STEP
    if missing:
        crops = torch.cat([crops, crops[-1:].expand(missing, -1, -1, -1)])
    results = net(crops.contiguous(memory_format=torch.channels_last))
    return [values[: len(values) - missing] for values in results]
