import math

import pytest
import torch
import torch.nn.functional as F

from glance_training.losses import allowed_set_loss, distillation_loss, regularise, romebert_losses


def one_hot(labels, count):
    return F.one_hot(torch.tensor(labels), count).bool()


def test_one_allowed_label_is_the_weighted_cross_entropy():
    logits = torch.tensor([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3]])
    weights = torch.tensor([1.0, 3.0])
    each = F.cross_entropy(logits, torch.tensor([0, 2]), reduction="none")
    expected = (each * weights).sum() / 4
    assert torch.allclose(allowed_set_loss(logits, one_hot([0, 2], 3), weights), expected)


def test_several_allowed_labels_share_their_probability():
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3]]))
    allowed = torch.tensor([[False, True, True]])
    assert allowed_set_loss(logits, allowed, torch.ones(1)).item() == pytest.approx(-math.log(0.8), rel=1e-5)


def test_distillation_by_hand():
    # softmax of (ln 9, 0) at T=2 is (3/4, 1/4); of (0, 0) it is (1/2, 1/2).
    teacher, student = torch.tensor([[math.log(9), 0.0]]), torch.zeros(1, 2)
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert distillation_loss(student, teacher, 2.0).item() == pytest.approx(expected, rel=1e-5)


def test_distillation_does_not_depend_on_the_batch_size_and_leaves_the_teacher_alone():
    teacher = torch.tensor([[1.0, -1.0, 0.5]], requires_grad=True)
    student = torch.tensor([[0.0, 0.3, 0.5]], requires_grad=True)
    loss = distillation_loss(student, teacher, 3.0)
    assert torch.allclose(loss, distillation_loss(student.repeat(4, 1), teacher.repeat(4, 1), 3.0))
    loss.backward()
    assert teacher.grad is None
    assert student.grad.abs().sum() > 0


def test_romebert_losses_mix_labels_and_teacher():
    logits = [torch.randn(4, 3, generator=torch.Generator().manual_seed(i)) for i in range(3)]
    allowed, weights = one_hot([0, 1, 2, 0], 3), torch.ones(4)
    earlier, last = romebert_losses(logits, allowed, weights, gamma=0.9, temperature=3.0)
    expected = sum(0.1 * allowed_set_loss(x, allowed, weights) + 0.9 * distillation_loss(x, logits[2], 3.0) for x in logits[:2])
    assert torch.allclose(earlier, expected)
    assert torch.allclose(last, allowed_set_loss(logits[2], allowed, weights))


def test_projection_by_hand():
    # <p, r> = -2, <r, r> = 4: p loses -1/2 r, so (-1, 3) becomes (0, 3); plus r gives (2, 3).
    (result,) = regularise([torch.tensor([-1.0, 3.0])], [torch.tensor([2.0, 0.0])])
    assert torch.equal(result, torch.tensor([2.0, 3.0]))


def test_agreeing_gradients_are_only_added():
    (result,) = regularise([torch.tensor([1.0, 3.0])], [torch.tensor([2.0, 0.0])])
    assert torch.equal(result, torch.tensor([3.0, 3.0]))


def test_projection_takes_all_tensors_as_one_vector():
    # Each tensor alone: the first conflicts. Together: -2 + 3 > 0, no conflict.
    result = regularise([torch.tensor([-1.0]), torch.tensor([1.0])], [torch.tensor([2.0]), torch.tensor([3.0])])
    assert torch.equal(torch.cat(result), torch.tensor([1.0, 4.0]))


def test_a_zero_reference_changes_nothing():
    (result,) = regularise([torch.tensor([-1.0, 3.0])], [torch.zeros(2)])
    assert torch.equal(result, torch.tensor([-1.0, 3.0]))
