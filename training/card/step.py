"""One step of a run: loss, gradient, optimiser and averaged weights, recorded once as a graph of the card.

A small net's step is some hundred operations of microseconds each; started one by one from Python they leave the card
idle most of the time. On a processor the same step runs as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from classroom_fer.errors import ConfigError
from training.card.torch_net import TorchNet
from training.data.readers.faces import SIDE_PX
from training.runs.predictions import MAIN_HEAD
from training.settings.config import TrainConfig

WARM_UP = 3
"""Steps before the recording, as torch's documentation asks for; they are undone."""
ADAM_EPSILON = 1e-7
"""Keras'."""


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """Sums over the steps since they were last read, on the device."""

    loss: Tensor
    right: Tensor


class Step:
    """Changes ``net`` and ``averages`` by one batch at a time.

    Args:
        net: learns; its batch normalisations keep running statistics.
        targets: widths of the targets by head; twice the classes where a teacher's answers follow.
        weighted: faces count differently, by head.
    """

    def __init__(self, net: TorchNet, config: TrainConfig, targets: Mapping[str, int], *, weighted: bool) -> None:
        device = next(net.parameters()).device
        size = config.batch
        self.net, self.config = net, config
        self.images = torch.zeros((size, 1, SIDE_PX, SIDE_PX), device=device)
        self.targets = {head: torch.zeros((size, width), device=device) for head, width in targets.items()}
        self.weights = {head: torch.ones(size, device=device) for head in targets} if weighted else {}
        self.rate = torch.zeros((), device=device)
        self.tallies = Tallies(torch.zeros((), device=device), torch.zeros((), device=device))
        self.learnt: list[Tensor] = [p for p in net.parameters() if p.requires_grad]
        self.averages = [p.detach().clone() for p in self.learnt] if config.ema else []
        self._optimizer = _optimizer(config, self.learnt, net.decayed(), self.rate)
        self._graph = self._recorded() if device.type == "cuda" else None

    def fill(self, images: Tensor, targets: Mapping[str, Tensor], weights: Mapping[str, Tensor] | None) -> None:
        """Takes a full batch: pictures [B, 1, S, S], targets [B, C] and weights [B] by head."""
        self.images.copy_(images)
        for head, table in targets.items():
            self.targets[head].copy_(table)
        for head, row in (weights or {}).items():
            self.weights[head].copy_(row)

    def __call__(self) -> None:
        """One step on what `images`, `targets`, `weights` and `rate` hold."""
        if self._graph is None:
            self._run()
        else:
            self._graph.replay()

    def read_tallies(self) -> tuple[float, float]:
        """Sums of the steps' losses and accuracies; they begin anew."""
        found = float(self.tallies.loss), float(self.tallies.right)
        self.tallies.loss.zero_()
        self.tallies.right.zero_()
        return found

    def _run(self) -> None:
        for parameter in self.learnt:
            parameter.grad = None
        with precision_of(self.config, self.images.device):
            outputs = self.net(self.images)
        loss, right = self._loss(outputs)
        torch.autograd.backward(loss)
        if self.config.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.learnt, self.config.clip_norm, foreach=True)
        self._optimizer.step()
        with torch.no_grad():
            if self.averages:
                torch._foreach_lerp_(self.averages, self.learnt, 1 - self.config.ema)
            self.tallies.loss.add_(loss.detach())
            self.tallies.right.add_(right)

    def _loss(self, outputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """As `training.runs.losses` and `compilation` have it; the accuracy of the first output."""
        total, right = torch.zeros((), device=self.images.device), None
        for name, logits in outputs.items():
            head = self.net.heads[name]
            wanted, main = self.targets[head], head == MAIN_HEAD
            each = head_loss(wanted, logits, self.config, main=main)
            each = each * self.weights[head] if self.weights else each
            total = total + each.mean() * (1.0 if main else self.config.aux_weight)
            if right is None and main:
                own = wanted[:, : logits.shape[1]]
                right = (own.argmax(1) == logits.argmax(1)).float().mean()
        if right is None:
            raise ConfigError("a net without the head emotions", hint="train it with `train`")
        return total, right.detach()

    def _recorded(self) -> Any:
        """The graph; warming up changes weights, averages, statistics and slots, so they are put back."""
        kept = [tensor.detach().clone() for tensor in self._state()]
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self._run()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._run()
        with torch.no_grad():
            state = self._state()
            for tensor, value in zip(state, kept + [torch.zeros_like(t) for t in state[len(kept) :]], strict=True):
                tensor.copy_(value)
        return graph

    def _state(self) -> list[Tensor]:
        """The optimiser's slots, which are not there before its first step, come last."""
        slots = [v for row in self._optimizer.state.values() for v in row.values() if isinstance(v, Tensor)]
        first = [*self.net.parameters(), *self.net.buffers(), *self.averages]
        return [*first, self.tallies.loss, self.tallies.right, *slots]


def precision_of(config: TrainConfig, device: torch.device) -> Any:
    """The context in which a net of ``config`` computes; weights stay float32."""
    low = config.precision != "float32"
    dtype = torch.float16 if config.precision == "mixed_float16" else torch.bfloat16
    return torch.autocast(device.type, dtype=dtype, enabled=low, cache_enabled=False)


def head_loss(targets: Tensor, logits: Tensor, config: TrainConfig, *, main: bool) -> Tensor:
    """[N], see `training.runs.losses.HeadLoss`; ``main`` is the head of the protocol's classes."""
    classes = logits.shape[1]
    own = targets[:, :classes]
    if main and config.loss == "binary":
        each = functional.binary_cross_entropy_with_logits(logits, own, reduction="none").mean(1)
    else:
        each = -(own * logits.log_softmax(1)).sum(1)
    if targets.shape[1] == classes:
        return each
    teacher, warmth = targets[:, classes:], config.distill_temperature
    apart = (teacher * (teacher.clamp(min=1e-12).log() - (logits / warmth).log_softmax(1))).sum(1)
    return (1 - config.distill_weight) * each + config.distill_weight * warmth**2 * apart


def _optimizer(config: TrainConfig, learnt: list[Any], decayed: list[Tensor], rate: Tensor) -> Any:
    """As `training.runs.compilation` sets Keras' up: decay apart from the gradient, not of biases."""
    if config.optimizer == "sgd":
        return _Nesterov(learnt, decayed, rate, momentum=config.momentum, decay=config.weight_decay)
    chosen = {id(kernel) for kernel in decayed}
    groups = [
        {"params": [p for p in learnt if id(p) in chosen], "weight_decay": config.weight_decay},
        {"params": [p for p in learnt if id(p) not in chosen], "weight_decay": 0.0},
    ]
    on_card = rate.device.type == "cuda"
    used = [group for group in groups if group["params"]]
    return torch.optim.AdamW(used, lr=rate, eps=ADAM_EPSILON, capturable=on_card, foreach=on_card)


class _Nesterov(torch.optim.Optimizer):
    """SGD whose rate is a tensor that a recorded graph reads anew, with decoupled weight decay as Keras has it."""

    def __init__(
        self, learnt: list[Any], decayed: list[Tensor], rate: Tensor, *, momentum: float, decay: float
    ) -> None:
        super().__init__(learnt, {})
        self._learnt, self._decayed, self._rate = learnt, decayed, rate
        self._momentum, self._decay = momentum, decay
        for parameter in learnt:
            self.state[parameter]["speed"] = torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # no closure is ever given
        gradients = [p.grad for p in self._learnt]
        if self._decay:
            torch._foreach_mul_(self._decayed, 1 - self._rate * self._decay)
        if self._momentum:
            speeds = [self.state[p]["speed"] for p in self._learnt]
            torch._foreach_mul_(speeds, self._momentum)
            torch._foreach_add_(speeds, gradients)
            gradients = list(torch._foreach_add(gradients, speeds, alpha=self._momentum))
        steps = torch._foreach_mul(gradients, -self._rate)
        torch._foreach_add_(self._learnt, steps)
