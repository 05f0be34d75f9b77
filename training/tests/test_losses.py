import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from glance_training.losses import Batch, deebert_losses, distillation_loss, label_loss, pabee_losses, regularise, romebert_losses


def one_label(holds, weights=None):
    """A batch of a task of one label, from the lists of labels that may hold."""
    holds = torch.tensor(holds, dtype=torch.bool)
    return Batch(holds, torch.ones_like(holds), torch.ones(len(holds)) if weights is None else torch.tensor(weights), multi_label=False)


def several_labels(holds, known, weights=None):
    holds, known = torch.tensor(holds, dtype=torch.bool), torch.tensor(known, dtype=torch.bool)
    return Batch(holds, known, torch.ones(len(holds)) if weights is None else torch.tensor(weights), multi_label=True)


def logit(p):
    return math.log(p / (1 - p))


def test_one_label_is_the_weighted_cross_entropy():
    logits = torch.tensor([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3]])
    each = F.cross_entropy(logits, torch.tensor([0, 2]), reduction="none")
    batch = one_label([[1, 0, 0], [0, 0, 1]], weights=[1.0, 3.0])
    assert torch.allclose(label_loss(logits, batch), (each[0] + 3 * each[1]) / 4)


def test_labels_of_which_one_holds_share_their_probability():
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3]]))
    assert label_loss(logits, one_label([[0, 1, 1]])).item() == pytest.approx(-math.log(0.8), rel=1e-5)


def test_where_any_label_may_hold_nothing_is_learnt():
    logits = torch.tensor([[2.0, 0.5, -1.0]], requires_grad=True)
    loss = label_loss(logits, one_label([[1, 1, 1]]))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6) and torch.allclose(logits.grad, torch.zeros(1, 3), atol=1e-6)


def test_a_second_opinion_has_its_share_of_the_targets():
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]))
    batch = replace(one_label([[0, 1, 0], [1, 0, 0]], weights=[1.0, 3.0]), opinions=torch.tensor([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]]), opinion_share=0.4)
    first = 0.6 * -math.log(0.5) + 0.4 * -(0.25 * math.log(0.5) + 0.75 * math.log(0.3))
    assert label_loss(logits, batch).item() == pytest.approx((first + 3 * -math.log(0.6)) / 4, rel=1e-5)


def test_several_labels_by_hand():
    logits = torch.tensor([[logit(0.9), logit(0.2)], [logit(0.5), logit(0.6)]])
    batch = several_labels([[1, 0], [0, 1]], [[1, 1], [1, 1]], weights=[1.0, 3.0])
    first, second = -math.log(0.9) - math.log(0.8), -math.log(0.5) - math.log(0.6)
    assert label_loss(logits, batch).item() == pytest.approx((first + 3 * second) / 4, rel=1e-5)


def test_a_label_that_nobody_looked_for_teaches_nothing():
    logits = torch.tensor([[logit(0.9), 5.0]], requires_grad=True)
    loss = label_loss(logits, several_labels([[1, 0]], [[1, 0]]))
    loss.backward()
    assert loss.item() == pytest.approx(-math.log(0.9), rel=1e-5)
    assert logits.grad[0, 0] != 0 and logits.grad[0, 1] == 0


def test_distillation_by_hand():
    # softmax of (ln 9, 0) at T=2 is (3/4, 1/4); of (0, 0) it is (1/2, 1/2).
    teacher, student = torch.tensor([[math.log(9), 0.0]]), torch.zeros(1, 2)
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert distillation_loss(student, teacher, 2.0, multi_label=False).item() == pytest.approx(expected, rel=1e-5)


def test_distillation_of_several_labels_by_hand():
    # sigmoid(ln 9 / 2) = 3/4 against 1/2 for the first label; the second one's teacher and student agree.
    teacher, student = torch.tensor([[math.log(9), 1.0]]), torch.tensor([[0.0, 1.0]])
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert distillation_loss(student, teacher, 2.0, multi_label=True).item() == pytest.approx(expected, rel=1e-5)
    # A softmax over the same logits would be another loss.
    assert distillation_loss(student, teacher, 2.0, multi_label=False).item() != pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("multi_label", [False, True])
def test_distillation_does_not_depend_on_the_batch_size_and_leaves_the_teacher_alone(multi_label):
    teacher = torch.tensor([[1.0, -1.0, 0.5]], requires_grad=True)
    student = torch.tensor([[0.0, 0.3, 0.5]], requires_grad=True)
    loss = distillation_loss(student, teacher, 3.0, multi_label)
    assert torch.allclose(loss, distillation_loss(student.repeat(4, 1), teacher.repeat(4, 1), 3.0, multi_label))
    loss.backward()
    assert teacher.grad is None
    assert student.grad.abs().sum() > 0


BATCHES = (
    one_label([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], weights=[1.0, 2.0, 0.5, 1.0]),
    several_labels([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1]], [[1, 1, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1]], weights=[1.0, 2.0, 0.5, 1.0]),
)


@pytest.fixture
def logits():
    """Of three exits."""
    return [torch.randn(4, 3, generator=torch.Generator().manual_seed(i)) for i in range(3)]


@pytest.mark.parametrize("batch", BATCHES)
def test_romebert_mixes_labels_and_teacher(logits, batch):
    earlier, last = romebert_losses(logits, batch, gamma=0.9, temperature=3.0)
    expected = sum(0.1 * label_loss(x, batch) + 0.9 * distillation_loss(x, logits[2], 3.0, batch.multi_label) for x in logits[:2])
    assert torch.allclose(earlier, expected)
    assert torch.allclose(last, label_loss(logits[2], batch))


@pytest.mark.parametrize("batch", BATCHES)
def test_pabee_weighs_exits_by_depth(logits, batch):
    earlier, last = pabee_losses(logits, batch)
    one, two, three = (label_loss(x, batch) for x in logits)
    assert torch.allclose(earlier, one / 6 + two * 2 / 6)
    assert torch.allclose(last, three * 3 / 6)


@pytest.mark.parametrize("batch", BATCHES)
def test_deebert_learns_from_the_labels_alone(logits, batch):
    earlier, last = deebert_losses(logits, batch)
    one, two, three = (label_loss(x, batch) for x in logits)
    assert torch.allclose(earlier, one + two) and torch.allclose(last, three)


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
