import numpy as np
import pytest
import torch

from glance_training.exit0 import PAIR_BUCKETS, HashedClassifier, features, quantise_table, train_exit0
from glance_training.losses import Batch

V = 30522


def test_features_are_the_inner_tokens_and_their_hashed_pairs():
    pairs = [V + (7 * 1000003 + 8 * 7919) % 65536, V + (8 * 1000003 + 9 * 7919) % 65536]
    assert sorted(features([101, 7, 8, 9, 102], V)) == sorted([7, 8, 9, *pairs])


def test_parts_are_told_apart_and_no_pair_crosses_them():
    # 7 8 [SEP] [SEP] 8 9: the second part is empty, 8 and 9 stand in the third (s = 2).
    found = features([101, 7, 8, 102, 102, 8, 9, 102], V)
    salt = 2 * 1299709
    expected = [
        7, 8, V + (7 * 1000003 + 8 * 7919) % 65536,
        V + (8 * 31337 + salt) % 65536, V + (9 * 31337 + salt) % 65536, V + (8 * 1000003 + 9 * 7919 + salt) % 65536,
    ]  # fmt: skip
    assert sorted(found) == sorted(expected)


def test_features_as_numbers():
    # Worked out with a pocket calculator, so that no formula of the code is repeated: 2023 * 31337 + 1299709 = 64694460.
    assert features([101, 102, 2023, 102], V) == [V + 64694460 % 65536] == [V + 10428]
    # 5 * 1000003 + 6 * 7919 = 5047529.
    assert features([101, 5, 6, 102], V)[2] == V + 5047529 % 65536 == V + 1257


def test_a_text_without_tokens_has_no_features_and_gets_the_bias():
    assert features([101, 102], V) == features([101, 102, 102, 102], V) == []
    classifier = HashedClassifier(10, 3)
    classifier.bias.data = torch.tensor([1.0, 2.0, 3.0])
    assert classifier([[101, 102]]).tolist() == [[1.0, 2.0, 3.0]]


def test_logits_are_the_mean_of_the_rows_and_four_neutral_ones():
    classifier = HashedClassifier(10, 2)
    classifier.table.weight.data = torch.arange((10 + PAIR_BUCKETS) * 2).reshape(-1, 2).float()
    rows = features([101, 5, 6, 102], 10)
    assert len(rows) == 3
    expected = classifier.table.weight[rows].sum(0) / (3 + 4)
    # The company of a second text must not matter.
    assert torch.equal(classifier([[101, 5, 6, 102], [101, 7, 102]])[0], expected)


@pytest.mark.parametrize("multi_label", [False, True])
def test_distillation_learns_the_teacher(multi_label):
    sequences = [[101, 5 + i % 2, 102] for i in range(40)]
    teacher = torch.tensor([[3.0, -3.0], [-3.0, 3.0]] * 20)
    holds = torch.tensor([[True, False], [False, True]] * 20)
    targets = Batch(holds, torch.ones_like(holds), torch.ones(40), multi_label)
    classifier = train_exit0(
        sequences, targets, teacher, 10, epochs=20, batch_size=8, gamma=0.9, temperature=1.0, table_lr=5.0, seed=0
    )
    answers = classifier(sequences) > 0
    assert torch.equal(answers, holds)


def test_quantised_columns_have_their_own_scale_and_clip():
    table = np.zeros((101, 2), dtype=np.float32)
    table[1:, 0] = 1.0
    table[1:, 1] = np.linspace(0.01, 1.0, 100)
    table[100, 1] = 1000.0
    values, scales = quantise_table(table, 99.0)
    assert values.dtype == np.int8
    assert np.allclose(values[1:, 0] * scales[0], 1.0)
    assert values[100, 1] == 127
    assert np.abs(values[:100, 1] * scales[1] - table[:100, 1]).max() <= scales[1] / 2 + 1e-6
