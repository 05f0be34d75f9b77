"""RomeBERT's losses and gradient regularisation (Geng et al., arXiv 2101.09755)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def allowed_set_loss(logits: Tensor, allowed: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean of -log(probability that the label is among the allowed ones).

    logits [batch, labels], allowed bool [batch, labels], weights [batch]. With one allowed label a row this is the
    weighted cross-entropy; with several it is the marginal likelihood of a row whose exact label is unknown.
    """
    among = torch.logsumexp(logits.masked_fill(~allowed, -torch.inf), dim=1)
    losses = torch.logsumexp(logits, dim=1) - among
    return (weights * losses).sum() / weights.sum()


def distillation_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 KL(softmax(teacher/T) || softmax(student/T)), the mean over the batch; the teacher gets no gradient.

    The authors' code averages over labels as well, which makes the loss depend on their number; this does not.
    """
    target = F.log_softmax(teacher.detach() / temperature, dim=1)
    log_probabilities = F.log_softmax(student / temperature, dim=1)
    return temperature**2 * F.kl_div(log_probabilities, target, reduction="batchmean", log_target=True)


def romebert_losses(
    logits: Sequence[Tensor], allowed: Tensor, weights: Tensor, gamma: float, temperature: float
) -> tuple[Tensor, Tensor]:
    """(loss of the earlier exits, loss of the last exit).

    The last exit learns from the labels; each earlier one from (1 - gamma) times the labels plus gamma times the
    last exit's softened answer.
    """
    *earlier, last = logits
    last_loss = allowed_set_loss(last, allowed, weights)
    earlier_losses = [
        (1 - gamma) * allowed_set_loss(exit_logits, allowed, weights) + gamma * distillation_loss(exit_logits, last, temperature)
        for exit_logits in earlier
    ]
    return torch.stack(earlier_losses).sum(), last_loss


def regularise(projected: Sequence[Tensor], reference: Sequence[Tensor]) -> list[Tensor]:
    """Sum of two gradients, the first freed of its conflict with the second.

    The tensors of each argument are taken as one vector. Where the two point apart (negative inner product), the
    projection of `projected` on `reference` is subtracted from it first; then they are added.
    """
    inner = sum((p * r).sum() for p, r in zip(projected, reference))
    square = sum((r * r).sum() for r in reference)
    conflict = torch.clamp(inner / square, max=0) if square > 0 else inner.new_zeros(())
    return [p + (1 - conflict) * r for p, r in zip(projected, reference)]
