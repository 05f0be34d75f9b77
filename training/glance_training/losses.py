"""The losses of the recipes, and RomeBERT's gradient regularisation (Geng et al., arXiv 2101.09755)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """What a batch's losses are measured against."""

    # Bool [batch, labels]; see data.Targets.
    holds: Tensor
    known: Tensor
    # [batch]
    weights: Tensor
    multi_label: bool
    # Float [batch, labels], probabilities, and their share of the targets of a task of one label; see second_opinion.py.
    opinions: Tensor | None = None
    opinion_share: float = 0.0


def label_loss(logits: Tensor, batch: Batch) -> Tensor:
    """The weighted mean over the batch of the labels' negative log-likelihood; logits [batch, labels].

    One label: -log(probability that the label is among those that hold), the cross-entropy where one holds, the marginal
    likelihood where several may; where there are second opinions, that and the cross-entropy against them, each by its share. Several labels: the
    sum over the known labels of the binary cross-entropies.
    """
    if batch.multi_label:
        losses = (F.binary_cross_entropy_with_logits(logits, batch.holds.float(), reduction="none") * batch.known).sum(1)
    else:
        losses = torch.logsumexp(logits, dim=1) - torch.logsumexp(logits.masked_fill(~batch.holds, -torch.inf), dim=1)
        if batch.opinions is not None:
            against_opinions = F.cross_entropy(logits, batch.opinions, reduction="none")
            losses = (1 - batch.opinion_share) * losses + batch.opinion_share * against_opinions
    return (batch.weights * losses).sum() / batch.weights.sum()


def distillation_loss(student: Tensor, teacher: Tensor, temperature: float, multi_label: bool) -> Tensor:
    """T^2 KL(teacher / T || student / T), the mean over the batch; the teacher gets no gradient.

    Several labels: the sum over the labels of the binary divergences. The authors' code averages over labels as well, which
    makes the loss depend on their number; this does not.
    """
    teacher = teacher.detach()
    if multi_label:
        # A binary distribution is a softmax over (logit, 0).
        student, teacher = (torch.stack((x, torch.zeros_like(x)), dim=-1) for x in (student, teacher))
    target = F.log_softmax(teacher / temperature, dim=-1)
    divergence = F.kl_div(F.log_softmax(student / temperature, dim=-1), target, reduction="sum", log_target=True)
    return temperature**2 * divergence / student.shape[0]


def romebert_losses(logits: Sequence[Tensor], batch: Batch, gamma: float, temperature: float) -> tuple[Tensor, Tensor]:
    """(loss of the earlier exits, loss of the last exit).

    The last exit learns from the labels; each earlier one from (1 - gamma) times the labels plus gamma times the
    last exit's softened answer.
    """
    *earlier, last = logits
    losses = [
        (1 - gamma) * label_loss(exit_logits, batch) + gamma * distillation_loss(exit_logits, last, temperature, batch.multi_label)
        for exit_logits in earlier
    ]
    return torch.stack(losses).sum(), label_loss(last, batch)


def pabee_losses(logits: Sequence[Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
    """(loss of the earlier exits, loss of the last exit) of PABEE: the exits' losses, weighted by their depth (arXiv 2006.04152)."""
    total = len(logits) * (len(logits) + 1) / 2
    losses = [depth / total * label_loss(exit_logits, batch) for depth, exit_logits in enumerate(logits, 1)]
    return torch.stack(losses[:-1]).sum(), losses[-1]


def deebert_losses(logits: Sequence[Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
    """(loss of the earlier exits, loss of the last exit) of DeeBERT, each from the labels alone (arXiv 2004.12993).

    The first stage trains on the second of the two, the second stage on the first.
    """
    losses = [label_loss(exit_logits, batch) for exit_logits in logits]
    return torch.stack(losses[:-1]).sum(), losses[-1]


def regularise(projected: Sequence[Tensor], reference: Sequence[Tensor]) -> list[Tensor]:
    """Sum of two gradients, the first freed of its conflict with the second.

    The tensors of each argument are taken as one vector. Where the two point apart (negative inner product), the
    projection of `projected` on `reference` is subtracted from it first; then they are added.
    """
    inner = sum((p * r).sum() for p, r in zip(projected, reference))
    square = sum((r * r).sum() for r in reference)
    conflict = torch.clamp(inner / square, max=0) if square > 0 else inner.new_zeros(())
    return [p + (1 - conflict) * r for p, r in zip(projected, reference)]
