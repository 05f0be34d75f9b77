import numpy as np
import torch

from glance_training.exit0 import PAIR_BUCKETS, HashedClassifier, features, quantise_table, train_exit0


def test_features_are_the_inner_tokens_and_their_hashed_pairs():
    pairs = [30522 + (7 * 1000003 + 8 * 7919) % 65536, 30522 + (8 * 1000003 + 9 * 7919) % 65536]
    assert features([101, 7, 8, 9, 102], 30522) == [7, 8, 9, *pairs]


def test_a_text_without_tokens_has_no_features_and_gets_the_bias():
    assert features([101, 102], 30522) == []
    classifier = HashedClassifier(10, 3)
    classifier.bias.data = torch.tensor([1.0, 2.0, 3.0])
    assert classifier([[2, 3]]).tolist() == [[1.0, 2.0, 3.0]]


def test_logits_are_the_mean_of_the_rows_and_four_neutral_ones():
    classifier = HashedClassifier(10, 2)
    classifier.table.weight.data = torch.arange((10 + PAIR_BUCKETS) * 2).reshape(-1, 2).float()
    rows = features([2, 5, 6, 3], 10)
    assert len(rows) == 3
    expected = classifier.table.weight[rows].sum(0) / (3 + 4)
    # The company of a second text must not matter.
    assert torch.equal(classifier([[2, 5, 6, 3], [2, 7, 3]])[0], expected)


def test_distillation_learns_the_teacher():
    sequences = [[2, 5 + i % 2, 3] for i in range(40)]
    teacher = torch.tensor([[3.0, -3.0], [-3.0, 3.0]] * 20)
    allowed = torch.tensor([[True, False], [False, True]] * 20)
    classifier = train_exit0(
        sequences, allowed, torch.ones(40), teacher, 10,
        epochs=20, batch_size=8, gamma=0.9, temperature=1.0, table_lr=0.1, seed=0,
    )  # fmt: skip
    assert classifier(sequences).argmax(1).tolist() == [0, 1] * 20


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
